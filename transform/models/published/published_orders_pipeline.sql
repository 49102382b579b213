{{ publish('int_orders_pipeline') }}
