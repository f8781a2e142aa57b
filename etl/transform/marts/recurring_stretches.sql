-- One row a recurring invoice and stretch of days over which it would be written as it was: from
-- the end of from_on until the end of the day before to_on. Archived and ended ones have none.
create table snapshot.recurring_stretches as
with states as (
    select
        version.*,
        version * 2 as place,
        case when step = 1 and not is_archived then created_on else updated_on end as from_on,
        is_archived as is_shelved
    from stg_recurring_invoice_versions as version
    union all
    -- One first seen archived was archived on its last change.
    select *, 1 as place, created_on as from_on, false as is_shelved
    from stg_recurring_invoice_versions
    where step = 1 and is_archived
),

stretches as (
    select
        *,
        least(
            coalesce(
                min(from_on) over (
                    partition by recurring_invoice_id order by place
                    rows between 1 following and unbounded following
                ),
                date '9999-12-31'
            ),
            coalesce(end_on + 1, date '9999-12-31')
        ) as to_on
    from states
)

select
    stretch.tenant,
    stretch.recurring_invoice_id,
    stretch.customer_id,
    coalesce(customer.name, stretch.customer_id, '') as customer,
    coalesce(customer.currency, tenant_facts.currency) as currency,
    stretch.description,
    stretch.period,
    stretch.frequency,
    stretch.amount,
    stretch.from_on,
    stretch.to_on
from stretches as stretch
cross join tenant_facts
left join stg_customers as customer using (customer_id)
where
    not stretch.is_shelved
    and stretch.from_on < stretch.to_on
    and stretch.period in ('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY')
order by stretch.recurring_invoice_id, stretch.from_on
