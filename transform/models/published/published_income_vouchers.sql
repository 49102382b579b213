{{ publish('int_income_vouchers') }}
