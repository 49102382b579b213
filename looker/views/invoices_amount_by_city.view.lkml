view: invoices_amount_by_city {
  sql_table_name: @{DATABASE}.@{SCHEMA}.invoices_amount_by_city ;;

  dimension: city_id {
    primary_key: yes
    hidden: yes
    sql: ${country_code} || '/' || ${city} ;;
  }
  dimension: country_code {
    hidden: yes
    sql: ${TABLE}.country_code ;;
  }
  dimension: city {
    hidden: yes
    sql: ${TABLE}.city ;;
  }
  dimension: rank_overall {
    type: number
    label: "City's place, all years"
    description: "Place of the city by net amount among all cities, over all years and documents, whatever is filtered. Equal amounts share a place."
    sql: ${TABLE}.rank_overall ;;
  }
  dimension: share_pct {
    type: number
    label: "City's share, all years"
    description: "Share of the city in the net total of all years and documents, whatever is filtered."
    value_format_name: percent
    sql: ${TABLE}.share_pct ;;
  }
}
