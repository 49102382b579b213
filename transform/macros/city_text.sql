{# Free text made comparable: HTML entities and decomposed letters written out, no-break spaces, tabs, line breaks and
   repeated blanks become one blank; empty is NULL. #}
{% macro tidy(column) -%}
    nullif(trim(replace(replace(replace(
        translate({{ written_out(column) }}, chr(160) || chr(9) || chr(10) || chr(13), '    '),
        ' ', '<>'
    ), '><', ''), '<>', ' ')), '')
{%- endmacro %}

{# The name of a city in a tidy text: without commas around it; NULL where there is no letter ("-", "50667") or where the
   letters say that there is none ("n/a"). #}
{% macro city_name(column) -%}
    {% set no_answers = ['n.a', 'n.a.', 'n/a', 'k.a', 'k.a.', 'keineangabe', 'unbekannt', 'unknown'] -%}
    case
        when translate({{ column }}, '0123456789 -–—.…·•,;:!?/|&*+_#()''"', '') = '' then null
        when lower(replace({{ column }}, ' ', '')) not in ('{{ no_answers | join("', '") }}') then trim({{ column }}, ' ,;')
    end
{%- endmacro %}

{# HTML entities (sevDesk escapes even plain names) and letters typed as two, a letter and a combining accent, as the one
   letter that is meant. `&amp;` comes last, so that nothing is unescaped twice. Most texts have neither and are passed. #}
{% macro written_out(column) -%}
    {% set entities = {
        'auml': 'ä', 'ouml': 'ö', 'uuml': 'ü', 'Auml': 'Ä', 'Ouml': 'Ö', 'Uuml': 'Ü', 'szlig': 'ß', 'eacute': 'é',
        'egrave': 'è', 'nbsp': ' ', 'quot': '"', 'apos': "''", '#39': "''", '#039': "''", '#160': ' ',
        '#228': 'ä', '#246': 'ö', '#252': 'ü', '#223': 'ß', '#xE4': 'ä', '#xF6': 'ö', '#xFC': 'ü', '#xDF': 'ß', 'amp': '&'
    } -%}
    {% set accents = {
        776: ['aouAOU', 'äöüÄÖÜ'], 769: ['aeo', 'áéó'], 768: ['ae', 'àè'], 770: ['e', 'ê'], 771: ['n', 'ñ'], 778: ['a', 'å'],
        780: ['csz', 'čšž'], 807: ['c', 'ç']
    } -%}
    {% set sql = namespace(text=column) -%}
    {% for name, letter in entities.items() -%}
        {% set sql.text = "replace(" ~ sql.text ~ ", '&" ~ name ~ ";', '" ~ letter ~ "')" -%}
    {% endfor -%}
    {% for accent, letters in accents.items() -%}
        {% for base in letters[0] -%}
            {% set sql.text = "replace(" ~ sql.text ~ ", '" ~ base ~ "' || chr(" ~ accent ~ "), '" ~ letters[1][loop.index0] ~ "')" -%}
        {% endfor -%}
    {% endfor -%}
    case
        when
            position('&' in {{ column }}) > 0
            or translate({{ column }}, chr({{ accents.keys() | join(') || chr(') }}), '') <> {{ column }}
            then {{ sql.text }}
        else {{ column }}
    end
{%- endmacro %}

{# The key by which two spellings of a tidy text are the same city: case, German umlauts (ü = ue), other accents and
   hyphens folded, in the key only. #}
{% macro city_key(column) -%}
    {% set folded = {
        'a': 'áàâãåăąā', 'c': 'çčć', 'd': 'ďđ', 'e': 'éèêëěęėē', 'g': 'ğģ', 'i': 'íìîïīįı', 'k': 'ķ', 'l': 'łľĺļ', 'n': 'ñňńņ',
        'o': 'óòôõőøō', 'r': 'řŕ', 's': 'šśşș', 't': 'ťţț', 'u': 'úùûůűūų', 'y': 'ýÿ', 'z': 'žźż', ' ': '-'
    } -%}
    {% set plain = namespace(letters='') -%}
    {% for letter, accented in folded.items() -%}
        {% set plain.letters = plain.letters ~ letter * accented | length -%}
    {% endfor -%}
    translate(
        replace(replace(replace(replace(lower({{ column }}), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss'),
        '{{ folded.values() | join }}', '{{ plain.letters }}'
    )
{%- endmacro %}

{# What a line of an address holds: its `zip`, `city` or what follows them (`rest`), NULL where it reads like none of
   these; `form` is the number of the pattern that it fits. Patterns are anchored at both ends, as DuckDB replaces the
   first match and Snowflake all of them; the backslash of the group is chr(92), as the two escape it differently.

       50667 Köln · D-50667 Köln · 50667 - Köln · Weg 1, 50667 Köln, Deutschland · 1012 AB Amsterdam · 114 55 Stockholm
       00-001 Warszawa
       Weg 1 50667 Köln · Weg 12a 8001 Zürich
       New York, NY 10001
       London SW1A 1AA #}
{% macro place_in(line, part) -%}
    {% set car = 'D|DE|A|AT|CH|FL|LI|F|FR|I|IT|NL|B|BE|L|LU|DK|PL|CZ|SK|S|SE|N|NO|FI|FIN|H|HU|SI|SLO|E|ES|P|PT|HR|RO|LT|LV|EE' -%}
    {% set postcode = '((' ~ car ~ ')[- ]?)?([0-9]{4,5}( ?[A-Z]{2})?|[0-9]{3} [0-9]{2}|[0-9]{2,4}-[0-9]{3,4})' -%}
    {% set city = '([^-.0-9,;][^,;]*)' -%}
    {% set gap = ' [-–.]* ?' -%}
    {% set rest = '([,;] ?(.*))?' -%}
    {% set forms = [
        ('^(.*[,;|/] ?)?(' ~ postcode ~ ')' ~ gap ~ city ~ rest ~ '$', {'zip': 2, 'city': 7, 'rest': 9}),
        ('^(.*[0-9][A-Za-z]? )([0-9]{4,5})' ~ gap ~ city ~ rest ~ '$', {'zip': 2, 'city': 3, 'rest': 5}),
        ('^(.* )([0-9]{5})' ~ gap ~ city ~ rest ~ '$', {'zip': 2, 'city': 3, 'rest': 5}),
        ('^(.*[,;] ?)?([^0-9,;]+),? [A-Z]{2} ([0-9]{5}(-[0-9]{4})?)' ~ rest ~ '$', {'zip': 3, 'city': 2, 'rest': 6}),
        ('^(.*[,;] ?)?([^0-9,;]+),? ([A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2})' ~ rest ~ '$', {'zip': 3, 'city': 2, 'rest': 5}),
    ] -%}
    case
        when translate({{ line }}, '0123456789', '') = {{ line }} then null
        {% for pattern, groups in forms -%}
            when regexp_replace({{ line }}, '{{ pattern }}', '') = ''
                then {{ loop.index if part == 'form' else
                    "trim(regexp_replace(" ~ line ~ ", '" ~ pattern ~ "', chr(92) || '" ~ groups[part] ~ "'))" }}
        {% endfor %}
    end
{%- endmacro %}

{# The country that stands before a postcode, as a code (D-50667: DE), and the postcode without it. #}
{% macro country_before(zip) -%}
    case nullif(regexp_replace(upper({{ zip }}), '^([A-Z]{1,3})[- ]?[0-9].*$', chr(92) || '1'), upper({{ zip }}))
        when 'D' then 'DE' when 'A' then 'AT' when 'F' then 'FR' when 'I' then 'IT' when 'B' then 'BE'
        when 'L' then 'LU' when 'S' then 'SE' when 'N' then 'NO' when 'H' then 'HU' when 'E' then 'ES'
        when 'P' then 'PT' when 'FL' then 'LI' when 'FIN' then 'FI' when 'SLO' then 'SI'
        {% for code in ['DE', 'AT', 'CH', 'LI', 'FR', 'IT', 'NL', 'BE', 'LU', 'DK', 'PL', 'CZ', 'SK', 'SE', 'NO', 'FI', 'HU', 'SI', 'ES', 'PT', 'HR', 'RO', 'LT', 'LV', 'EE'] -%}
            when '{{ code }}' then '{{ code }}'{{ ' ' if not loop.last }}
        {%- endfor %}
    end
{%- endmacro %}

{% macro bare_postcode(zip) -%}
    case
        when {{ country_before(zip) }} is not null
            then regexp_replace(upper({{ zip }}), '^([A-Z]{1,3})[- ]?([0-9].*)$', chr(92) || '2')
        else {{ zip }}
    end
{%- endmacro %}

{# Whether a postcode may belong to a country, by its number of digits; yes where either is not known. #}
{% macro postcode_fits(zip, country) -%}
    {% set digits = {
        4: ['AT', 'CH', 'LI', 'LU', 'BE', 'NL', 'DK', 'NO', 'HU', 'SI', 'BG'],
        5: ['DE', 'FR', 'IT', 'ES', 'US', 'FI', 'SE', 'PL', 'CZ', 'SK', 'GR', 'HR', 'EE', 'TR']
    } -%}
    coalesce(
        length(translate(upper({{ zip }}), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ -', '')) = case
            {% for count, countries in digits.items() -%}
                when {{ country }} in ('{{ countries | join("', '") }}') then {{ count }}
            {% endfor %}
        end,
        true
    )
{%- endmacro %}

{# sevDesk's list of countries has codes that are none (du for Dubai) or are spelled otherwise elsewhere. #}
{% macro country_code_of(code) -%}
    case upper({{ code }}) when 'DU' then 'AE' when 'UK' then 'GB' when 'EL' then 'GR' else upper({{ code }}) end
{%- endmacro %}

{# Whether a country is named that sevDesk's list lacks; of none, while nothing of that list has been loaded. #}
{% macro is_unlisted_country(country_id, country_code) -%}
    (
        {{ country_id }} is not null and {{ country_code }} is null
        and (select count(*) from {{ ref('int_countries') }}) > 0
    )
{%- endmacro %}

{# Text with each way to end a line, HTML's too, as the character of a line break. #}
{% macro line_breaks(column) -%}
    {% set sql = namespace(text="replace(" ~ column ~ ", chr(13), chr(10))") -%}
    {% for tag in ['<br />', '<br/>', '<br>', '</p>', '</div>', '<p>', '<div>'] -%}
        {% set sql.text = "replace(" ~ sql.text ~ ", '" ~ tag ~ "', chr(10))" -%}
    {% endfor -%}
    {{ sql.text }}
{%- endmacro %}
