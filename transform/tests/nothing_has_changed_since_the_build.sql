-- What the tables would be built from now, where it differs from what the latest whole build was made from. None: an
-- hourly run need not build. In a build it looks at what has just been built; a warning then means that records came in
-- meanwhile, which the next run sees to.
{{ config(severity='warn', meta={'about': 'reading', 'dagster': {'ref': {'name': 'int_build_finished'}}}) }}

with live as (

    {{ fingerprint(env_var('MODELS_VERSION', '')) }}

),

built as (

    select
        finished.part,
        finished.content
    from {{ ref('int_build_finished') }} as finished
    inner join {{ ref('int_build_started') }} as started
        on finished.part = started.part and finished.build_id = started.build_id

)

select live.part
from live
left join built on live.part = built.part
where built.content is null or live.content <> built.content
{% for name in missing_relations() -%}
    union all
    select '{{ name }} is missing'
{% endfor %}
