-- What the latest build found when it began: the tables read staging after this, so they are never older than it says.
select
    part,
    content,
    '{{ invocation_id }}' as build_id
from (
    {{ fingerprint(env_var('MODELS_VERSION', '')) }}
) as found
