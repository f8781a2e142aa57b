-- One row a part of a payment or credit that settled an invoice, and the stretch of days it did:
-- from the day it was applied to the end of the day before reversed_on.
-- What is taken back is what was applied last.
create table snapshot.settlements as
with moves as (
    select
        tenant,
        event_id,
        effective_on,
        customer_id,
        currency,
        invoice_id,
        payment_id,
        credit_memo_id,
        case
            when payment_id is not null then cash
            when event = 'credit_unapplied' then -amount
            else amount
        end as delta
    from ledger
    where
        invoice_id is not null
        and (cash <> 0 or event in ('credit_applied', 'credit_unapplied'))
),

levels as (
    select *, sum(delta) over sequence as level_after, sum(delta) over sequence - delta as level_before
    from moves
    window sequence as (
        partition by invoice_id, payment_id, credit_memo_id order by event_id
        rows between unbounded preceding and current row
    )
),

-- What is left of a part after each later move: as much as the level never fell below.
remains as (
    select
        part.event_id,
        later.event_id as later_id,
        later.effective_on as later_on,
        greatest(
            min(later.level_after) over (
                partition by part.event_id order by later.event_id
                rows between unbounded preceding and current row
            ) - part.level_before,
            0
        ) as remaining
    from levels as part
    inner join levels as later
        on
            later.invoice_id = part.invoice_id
            and later.payment_id is not distinct from part.payment_id
            and later.credit_memo_id is not distinct from part.credit_memo_id
            and later.event_id >= part.event_id
    where part.delta > 0
),

stretches as (
    select
        event_id,
        later_on as reversed_on,
        least(lag(remaining) over history, part.delta) - least(remaining, part.delta) as amount
    from remains
    inner join levels as part using (event_id)
    window history as (partition by event_id order by later_id)
    union all
    select event_id, date '9999-12-31' as reversed_on, least(remaining, part.delta) as amount
    from remains
    inner join levels as part using (event_id)
    qualify row_number() over (partition by event_id order by later_id desc) = 1
)

select
    part.tenant,
    part.customer_id,
    part.currency,
    part.invoice_id,
    part.payment_id,
    part.credit_memo_id,
    coalesce(payment.is_online, false) as is_online,
    part.effective_on as paid_on,
    stretch.reversed_on,
    stretch.amount::decimal(19, 4) as amount
from stretches as stretch
inner join levels as part using (event_id)
left join stg_payment_versions as payment
    on payment.payment_id = part.payment_id and payment.is_current
where stretch.amount > 0 and part.effective_on < stretch.reversed_on
order by part.customer_id, part.event_id
