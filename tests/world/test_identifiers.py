from liandun.world.identifiers import account_name, card_number, device_name, luhn_digit, phone_number


def test_cards_have_a_right_check_digit_and_are_of_the_test_range():
    for index in (0, 1, 99, 54_321):
        number = card_number(index)
        assert len(number) == 16
        assert number.startswith("62000000")
        assert luhn_digit(number[:-1]) == int(number[-1])


def test_phones_are_eleven_digits_of_a_range_nobody_uses():
    numbers = {phone_number(index) for index in range(2_000)}
    assert len(numbers) == 2_000
    assert all(len(number) == 11 and number.startswith("154") for number in numbers)


def test_no_two_indexes_share_a_name():
    for name in (account_name, card_number, device_name):
        assert len({name(index) for index in range(5_000)}) == 5_000
