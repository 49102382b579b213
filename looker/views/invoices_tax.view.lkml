# Net amounts and VAT by rule and rate, by month of the service or of the document.
view: invoices_tax {
  sql_table_name: @{DATABASE}.@{SCHEMA}.invoices_tax ;;
  view_label: "VAT"

  dimension: tax_key {
    primary_key: yes
    hidden: yes
    sql: cast(${TABLE}.invoice_month as varchar) || '/' || cast(${TABLE}.service_month as varchar) || '/' || cast(${TABLE}.is_advance as varchar)
      || '/' || ${TABLE}.tax_rule || '/' || coalesce(cast(${TABLE}.tax_rate as varchar), '') ;;
  }
  dimension_group: service {
    type: time
    timeframes: [raw, month, quarter, year]
    datatype: date
    convert_tz: no
    label: "Service"
    description: "Month of the service: its end, else the delivery, else the document's date. It decides the VAT return on agreed amounts (Soll-Versteuerung)."
    sql: ${TABLE}.service_month ;;
  }
  dimension_group: document {
    type: time
    timeframes: [raw, month, quarter, year]
    datatype: date
    convert_tz: no
    label: "Document"
    description: "Month of the document's date."
    sql: ${TABLE}.invoice_month ;;
  }
  dimension: is_advance {
    type: yesno
    label: "Is an advance"
    description: "Advance invoices and what takes them back. Their VAT falls due when they are paid."
    sql: ${TABLE}.is_advance ;;
  }
  dimension: tax_rule_name {
    label: "Tax rule"
    description: "Name of the tax rule in German."
    sql: ${TABLE}.tax_rule_name ;;
  }
  dimension: tax_rate {
    type: number
    label: "Tax rate"
    description: "VAT rate in percent; empty where the lines of a document are not known."
    sql: ${TABLE}.tax_rate ;;
  }

  measure: total_taxed_net {
    type: sum
    label: "Net"
    description: "Net amount at this rule and rate."
    value_format_name: euro
    sql: ${TABLE}.net_eur ;;
    drill_fields: [part*]
  }
  measure: total_vat {
    type: sum
    label: "VAT"
    description: "Value added tax."
    value_format_name: euro
    sql: ${TABLE}.tax_eur ;;
    drill_fields: [part*]
  }
  measure: total_taxed_gross {
    type: sum
    label: "Gross"
    description: "Both together."
    value_format_name: euro
    sql: ${TABLE}.gross_eur ;;
    drill_fields: [part*]
  }

  set: part {
    fields: [service_month, document_month, tax_rule_name, tax_rate, is_advance, total_taxed_net, total_vat]
  }
}
