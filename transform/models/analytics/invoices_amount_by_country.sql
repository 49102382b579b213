{{ ranking(keys=['country_code']) }}
