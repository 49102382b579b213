{{ ranking(keys=['country_code', 'city'], within=['invoice_year'], rank_in_country=true) }}
