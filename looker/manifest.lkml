project_name: "sevdesk"

# The connection's name as listed in Looker under Admin, Connections.
constant: CONNECTION {
  value: "sevdesk"
  export: override_optional
}

constant: DATABASE {
  value: "SEVDESK"
  export: override_optional
}

# Where dbt builds the marts; Looker reads nothing else.
constant: SCHEMA {
  value: "ANALYTICS"
  export: override_optional
}

# In which moments such as "data as of" are written out.
constant: TIME_ZONE {
  value: "Europe/Berlin"
  export: override_optional
}
