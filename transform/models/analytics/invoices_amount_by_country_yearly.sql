{{ ranking(keys=['country_code'], within=['invoice_year']) }}
