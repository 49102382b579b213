- dashboard: invoice_revenue
  title: Invoice revenue
  description: "Invoiced amounts from sevDesk by city, country and month, and what is still open."
  layout: newspaper
  preferred_viewer: dashboards-next

  filters:
  - name: Invoice date
    title: Invoice date
    type: field_filter
    model: sevdesk
    explore: invoices_summary
    field: invoices_summary.invoice_date
    default_value: ""
    allow_multiple_values: true
    required: false
  - name: Country
    title: Country
    type: field_filter
    model: sevdesk
    explore: invoices_summary
    field: invoices_summary.country_name
    default_value: ""
    allow_multiple_values: true
    required: false
  - name: Document class
    title: Document class
    type: field_filter
    model: sevdesk
    explore: invoices_summary
    field: invoices_summary.document_class
    default_value: ""
    allow_multiple_values: true
    required: false

  elements:
  - name: data_as_of
    title: Data as of
    model: sevdesk
    explore: invoices_summary
    type: single_value
    fields: [invoices_summary.data_as_of]
    note_display: hover
    note_text: "The figures hold everything that was in sevDesk at this moment (German time)."
    row: 0
    col: 0
    width: 6
    height: 3

  - name: total_net
    title: Net
    model: sevdesk
    explore: invoices_summary
    type: single_value
    fields: [invoices_summary.total_net]
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    note_display: hover
    note_text: "Invoiced amount without VAT: issued invoices less cancellations and credit notes."
    row: 0
    col: 6
    width: 6
    height: 3

  - name: total_gross
    title: Gross
    model: sevdesk
    explore: invoices_summary
    type: single_value
    fields: [invoices_summary.total_gross]
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    note_display: hover
    note_text: "The same with VAT (Rechnungsbetrag)."
    row: 0
    col: 12
    width: 6
    height: 3

  - name: total_open
    title: Open
    model: sevdesk
    explore: invoices_summary
    type: single_value
    fields: [invoices_summary.total_open]
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    note_display: hover
    note_text: "What customers still owe today on the invoices chosen above."
    row: 0
    col: 18
    width: 6
    height: 3

  - name: by_city
    title: Ranking by city
    model: sevdesk
    explore: invoices_summary
    type: looker_grid
    fields: [invoices_summary.city, invoices_summary.country_name, invoices_summary.total_net,
      invoices_summary.total_gross, invoices_summary.document_count, invoices_amount_by_city.rank_overall]
    sorts: [invoices_summary.total_net desc]
    limit: 500
    total: true
    show_row_numbers: true
    show_view_names: false
    series_cell_visualizations:
      invoices_summary.total_net: {is_active: true}
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    row: 3
    col: 0
    width: 14
    height: 10

  - name: by_country
    title: Ranking by country
    model: sevdesk
    explore: invoices_summary
    type: looker_grid
    fields: [invoices_summary.country_name, invoices_summary.total_net, invoices_summary.total_gross,
      invoices_summary.document_count]
    sorts: [invoices_summary.total_net desc]
    limit: 500
    total: true
    show_row_numbers: true
    show_view_names: false
    series_cell_visualizations:
      invoices_summary.total_net: {is_active: true}
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    row: 3
    col: 14
    width: 10
    height: 10

  - name: by_month
    title: Net by month
    model: sevdesk
    explore: invoices_summary
    type: looker_column
    fields: [invoices_summary.invoice_month, invoices_summary.total_net]
    fill_fields: [invoices_summary.invoice_month]
    sorts: [invoices_summary.invoice_month]
    limit: 500
    show_view_names: false
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    row: 13
    col: 0
    width: 14
    height: 8

  - name: open_receivables
    title: Open receivables
    model: sevdesk
    explore: invoices_summary
    type: looker_grid
    fields: [receivables_ageing.bucket, invoices_summary.total_open, invoices_summary.document_count]
    filters:
      receivables_ageing.bucket: "-NULL"
    sorts: [receivables_ageing.bucket]
    limit: 500
    total: true
    show_view_names: false
    listen:
      Invoice date: invoices_summary.invoice_date
      Country: invoices_summary.country_name
      Document class: invoices_summary.document_class
    row: 13
    col: 14
    width: 10
    height: 8

  - name: incomplete_lists
    title: Incomplete lists
    model: sevdesk
    explore: pipeline_status
    type: single_value
    fields: [pipeline_status.incomplete_stream_count]
    enable_conditional_formatting: true
    conditional_formatting:
    - {type: greater than, value: 0, background_color: "#b4472f", font_color: "#ffffff"}
    note_display: hover
    note_text: "0 means that nothing is missing as of the time shown."
    row: 21
    col: 0
    width: 6
    height: 6

  - name: completeness
    title: Completeness
    model: sevdesk
    explore: pipeline_status
    type: looker_grid
    fields: [pipeline_status.stream, pipeline_status.data_as_of, pipeline_status.last_full_read, pipeline_status.is_complete]
    sorts: [pipeline_status.is_complete, pipeline_status.stream]
    limit: 500
    show_view_names: false
    row: 21
    col: 6
    width: 18
    height: 6
