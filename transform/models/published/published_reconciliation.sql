{{ publish('int_reconciliation') }}
