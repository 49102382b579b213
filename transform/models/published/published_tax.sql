{{ publish('int_tax') }}
