-- Everything the pipeline needs in a Snowflake account. Run it as ACCOUNTADMIN, as often as you like:
--
--     snow sql --filename snowflake/setup.sql        (or paste it into a worksheet and choose "Run all")
--
-- It creates what is missing and takes nothing away. Who may do what: README.md beside this file.
-- Then give the three users their public keys and network policies, with the statements at the end.

use role sysadmin;

-- The smallest size is plenty: an hourly run reads and writes a few megabytes.
create warehouse if not exists sevdesk
    warehouse_size = 'XSMALL'
    auto_suspend = 60
    auto_resume = true
    initially_suspended = true
    statement_timeout_in_seconds = 1800
    comment = 'sevDesk pipeline: load, dbt, dashboards';

create database if not exists sevdesk comment = 'sevDesk: invoices and what belongs to them';
create schema if not exists sevdesk.raw comment = 'As read from the API, one table a list. Written by the loader only.';
create schema if not exists sevdesk.staging comment = 'Typed, deduplicated, deletes marked. Built by dbt.';
create schema if not exists sevdesk.analytics comment = 'The marts that dashboards read. Built by dbt.';

-- A ceiling, not a plan: an hourly run needs less (README.md). It warns first, then stops the warehouse.
use role accountadmin;
create resource monitor if not exists sevdesk with
    credit_quota = 50
    frequency = monthly
    start_timestamp = immediately
    triggers
        on 75 percent do notify
        on 100 percent do suspend;
alter warehouse sevdesk set resource_monitor = sevdesk;

use role useradmin;
create role if not exists loader comment = 'Writes SEVDESK.RAW';
create role if not exists transformer comment = 'Reads SEVDESK.RAW, builds SEVDESK.STAGING and SEVDESK.ANALYTICS';
create role if not exists reporter comment = 'Reads SEVDESK.ANALYTICS';

use role securityadmin;
grant role loader to role sysadmin;
grant role transformer to role sysadmin;
grant role reporter to role sysadmin;

grant usage on warehouse sevdesk to role loader;
grant usage on warehouse sevdesk to role transformer;
grant usage on warehouse sevdesk to role reporter;

grant usage on database sevdesk to role loader;
grant usage on database sevdesk to role transformer;
grant usage on database sevdesk to role reporter;

-- LOADER creates and owns the raw tables, and the bookmarks beside them.
grant usage, create table, create file format on schema sevdesk.raw to role loader;

-- TRANSFORMER reads every raw table there is and will be, and owns what dbt builds.
grant usage on schema sevdesk.raw to role transformer;
grant select on all tables in schema sevdesk.raw to role transformer;
grant select on future tables in schema sevdesk.raw to role transformer;
grant usage, create table, create view on schema sevdesk.staging to role transformer;
grant usage, create table, create view on schema sevdesk.analytics to role transformer;

-- REPORTER reads the marts, and nothing else: views show it tables of STAGING that it may not read itself. dbt replaces
-- them, and future grants come along.
grant usage on schema sevdesk.analytics to role reporter;
grant select on all tables in schema sevdesk.analytics to role reporter;
grant select on future tables in schema sevdesk.analytics to role reporter;
grant select on all views in schema sevdesk.analytics to role reporter;
grant select on future views in schema sevdesk.analytics to role reporter;

-- Services sign in with a key pair; TYPE = SERVICE allows neither a password nor the web interface. Without secondary
-- roles a session may do only what its one role may. Loading and dbt have a user each: whoever gets hold of the key of one
-- cannot do what the other may.
use role useradmin;
create user if not exists sevdesk_pipeline
    type = service
    default_role = loader
    default_secondary_roles = ()
    default_warehouse = sevdesk
    default_namespace = 'SEVDESK.RAW'
    comment = 'Meltano: loads';
create user if not exists sevdesk_dbt
    type = service
    default_role = transformer
    default_secondary_roles = ()
    default_warehouse = sevdesk
    default_namespace = 'SEVDESK.STAGING'
    comment = 'dbt: builds the marts';
create user if not exists sevdesk_looker
    type = service
    default_role = reporter
    default_secondary_roles = ()
    default_warehouse = sevdesk
    default_namespace = 'SEVDESK.ANALYTICS'
    comment = 'Looker: reads the marts';

-- Loader and models read and write dates in Snowflake's own form. An account may be set to another, such as DD.MM.YYYY, in
-- which no date of sevDesk's could be read; what is set of a user wins over it.
alter user sevdesk_pipeline set
    date_input_format = 'AUTO'
    date_output_format = 'YYYY-MM-DD'
    timestamp_input_format = 'AUTO'
    timestamp_output_format = 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM'
    timestamp_tz_output_format = 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM'
    timezone = 'UTC';
alter user sevdesk_dbt set
    date_input_format = 'AUTO'
    date_output_format = 'YYYY-MM-DD'
    timestamp_input_format = 'AUTO'
    timestamp_output_format = 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM'
    timestamp_tz_output_format = 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM'
    timezone = 'UTC';

use role securityadmin;
grant role loader to user sevdesk_pipeline;
grant role transformer to user sevdesk_dbt;
grant role reporter to user sevdesk_looker;

-- Their public keys: the lines between BEGIN and END of the .pub file, in one line. For each user a pair of its own.
-- alter user sevdesk_pipeline set rsa_public_key = 'MIIBIjANBgkqh...';
-- alter user sevdesk_dbt set rsa_public_key = 'MIIBIjANBgkqh...';
-- alter user sevdesk_looker set rsa_public_key = 'MIIBIjANBgkqh...';

-- From where they may sign in: the public addresses of the pipeline's machine, and of Looker.
-- use role securityadmin;
-- create network policy if not exists sevdesk_pipeline allowed_ip_list = ('203.0.113.7');
-- create network policy if not exists sevdesk_looker allowed_ip_list = ('203.0.113.64/28');
-- alter user sevdesk_pipeline set network_policy = sevdesk_pipeline;
-- alter user sevdesk_dbt set network_policy = sevdesk_pipeline;
-- alter user sevdesk_looker set network_policy = sevdesk_looker;
