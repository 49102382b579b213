-- Streams of which the latest read saw fewer or more different records than the server counts. The figures may lack
-- records; the next full read (make nightly) repairs it. It speaks of the reading, not of the models: the report is
-- made all the same and says so, and the run fails then.
{{ config(meta={'about': 'reading', 'dagster': {'ref': {'name': 'pipeline_status'}}}) }}
-- depends_on: {{ ref('report_rows') }}, so that dbt makes the report's rows first and skips none of them

select
    stream,
    distinct_records,
    total_before,
    total_after
from {{ ref('pipeline_status') }}
where not count_agrees
