{{ ranking(keys=['country_code', 'city'], rank_in_country=true) }}
