{# Net plus tax is gross, but for a cent of rounding. #}
{% test adds_up(model, net, tax, gross) %}

select * from {{ model }} where abs({{ net }} + {{ tax }} - {{ gross }}) > 0.01

{% endtest %}
