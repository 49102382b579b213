view: pipeline_status {
  sql_table_name: @{DATABASE}.@{SCHEMA}.pipeline_status ;;
  view_label: "Completeness"

  dimension: stream {
    primary_key: yes
    label: "List"
    description: "The list read from sevDesk, such as invoices or contacts."
    sql: ${TABLE}.stream ;;
  }
  dimension: data_as_of {
    label: "Data as of"
    description: "Start of the latest complete read (German time): everything that was in sevDesk then is here. Empty if there was none."
    sql: to_char(convert_timezone('@{TIME_ZONE}', ${TABLE}.data_as_of), 'DD.MM.YYYY HH24:MI') ;;
  }
  dimension: last_full_read {
    label: "Deletions known up to"
    description: "Start of the latest complete full read (German time): what was deleted in sevDesk before then has left the figures. Empty if there was none."
    sql: to_char(convert_timezone('@{TIME_ZONE}', ${TABLE}.last_full_read_at), 'DD.MM.YYYY HH24:MI') ;;
  }
  dimension: is_complete {
    type: yesno
    label: "Is complete"
    description: "The latest read ended well, and its number of records agrees with sevDesk's own count where sevDesk gives one."
    sql: ${TABLE}.last_read_is_complete and coalesce(${TABLE}.count_agrees, true) ;;
  }
  dimension: unknown_fields {
    label: "Unknown fields"
    description: "Fields that sevDesk sent and the pipeline does not know: a sign that sevDesk's interface has changed."
    sql: ${TABLE}.unknown_fields ;;
  }

  measure: incomplete_stream_count {
    type: count
    label: "Incomplete lists"
    description: "Number of lists whose latest read is not complete. 0 means that nothing is missing as of the time shown."
    filters: [is_complete: "no"]
    drill_fields: [stream, data_as_of, last_full_read, unknown_fields]
  }
}
