-- One row an item, class, department, location or job that lines are filed under, as it is now.
create or replace table stg_dimensions as
with kinds as (
    select *
    from (
        values
        ('items', 'item'),
        ('accounting_classes', 'class'),
        ('departments', 'department'),
        ('locations', 'location'),
        ('jobs', 'job')
    ) as named (resource, kind)
),

current_versions as (
    select
        record.tenant,
        kinds.kind,
        record.bill_id,
        from_json(record.payload, '{
            "archived": "VARCHAR",
            "name": "VARCHAR",
            "shortName": "VARCHAR",
            "parentId": "VARCHAR",
            "type": "VARCHAR",
            "percentage": "VARCHAR"
        }') as sent
    from raw_records as record
    inner join kinds using (resource)
    semi join raw_heads as head
        on
            head.resource = record.resource
            and head.bill_id = record.bill_id
            and head.version = record.version
)

select
    tenant,
    kind,
    bill_id as dimension_id,
    coalesce(nullif(trim(sent.name), ''), nullif(trim(sent.shortName), ''), bill_id) as name,
    sent.parentId as parent_id,
    sent.type as item_type,
    try_cast(sent.percentage as decimal(18, 8)) as tax_rate,
    coalesce(try_cast(sent.archived as boolean), false) as is_archived
from current_versions
