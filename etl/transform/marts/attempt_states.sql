-- One row an attempt and stretch of days in one state: pending, paid, failed or canceled, from
-- the end of from_on until the end of the day before to_on.
-- change: the statuses before and after, where we saw the change between them.
create table snapshot.attempt_states as
with versions as (
    select
        version.*,
        step = 1 as is_first,
        timezone(tenant_facts.time_zone, coalesce(created_at, updated_at, observed_at))::date
            as created_on
    from stg_payment_versions as version
    cross join tenant_facts
    semi join (select payment_id from stg_payment_versions where is_current and is_online)
        using (payment_id)
),

states as (
    select
        payment_id,
        version * 3 as place,
        case
            when status in ('PAID', 'ESCHEATED') then 'paid'
            when status = 'VOID' then 'failed'
            when status = 'CANCELED' then 'canceled'
            else 'pending'
        end as state,
        -- As in the ledger: money is there on the payment's own date, whenever BILL said so, but
        -- after a return only from the day it was revived.
        case
            when status not in ('PAID', 'ESCHEATED') then updated_on
            when coalesce(bool_or(status = 'VOID') over (
                partition by payment_id order by version
                rows between unbounded preceding and 1 preceding
            ), false) then greatest(updated_on, payment_on)
            else payment_on
        end as from_on,
        status_before || '>' || status as change
    from versions
    where is_first or status <> status_before
    union all
    -- What the first version hides: every attempt was made before it was paid, ...
    select payment_id, 0 as place, 'pending' as state, least(created_on, updated_on), null
    from versions
    where is_first
    union all
    -- ... and one first seen void had been paid, where it was not void before its date.
    select payment_id, 1 as place, 'paid' as state, payment_on, null
    from versions
    where is_first and status = 'VOID' and updated_on >= payment_on
),

stretches as (
    select
        *,
        coalesce(
            min(from_on) over (
                partition by payment_id order by place
                rows between 1 following and unbounded following
            ),
            date '9999-12-31'
        ) as to_on
    from states
)

select
    payment_id,
    state,
    from_on,
    to_on,
    change
from stretches
where from_on < to_on
order by payment_id, from_on
