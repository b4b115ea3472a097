"""The figures we promise: `liandun bench NAME` prints one JSON line each."""
