view: invoices_amount_by_country {
  sql_table_name: @{DATABASE}.@{SCHEMA}.invoices_amount_by_country ;;

  dimension: country_code {
    primary_key: yes
    hidden: yes
    sql: ${TABLE}.country_code ;;
  }
  dimension: rank_overall {
    type: number
    label: "Country's place, all years"
    description: "Place of the country by net amount among all countries, over all years and documents, whatever is filtered. Equal amounts share a place."
    sql: ${TABLE}.rank_overall ;;
  }
  dimension: share_pct {
    type: number
    label: "Country's share, all years"
    description: "Share of the country in the net total of all years and documents, whatever is filtered."
    value_format_name: percent
    sql: ${TABLE}.share_pct ;;
  }
}
