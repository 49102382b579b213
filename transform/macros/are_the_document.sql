{# Whether lines come to the net amount of their document, in one currency or the other, but for a cent a line. #}
{% macro are_the_document(net, count) -%}
    (
        {% for sum in ['sum_net', 'sum_net_foreign_currency'] -%}
            {{ 'or ' if not loop.first }}coalesce(
                abs(abs(sum({{ net }})) - abs(max(documents.{{ sum }}))) <= 0.01 * {{ count }}
                {{- ' and max(documents.sum_net_foreign_currency) <> 0' if not loop.first }}, false
            )
        {% endfor -%}
    )
{%- endmacro %}
