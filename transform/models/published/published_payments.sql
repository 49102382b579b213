{{ publish('int_payments') }}
