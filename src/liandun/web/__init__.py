"""What pages and API of all apps share: problem documents, pages of long lists, documented errors."""
