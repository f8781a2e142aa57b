-- One row a line of a customer's statement: what they owed before from_on, every event up to as_of
-- that changed it with the balance after it, and what they owe at the end; a currency after another.
with events as (
    select
        *,
        receivable + unapplied as change,
        effective_on >= $from_on::date as is_within
    from ledger
    where
        customer_id = $customer
        and effective_on <= $as_of::date
        and receivable + unapplied <> 0
),

openings as (
    select
        currency,
        0 as place,
        null::bigint as event_id,
        $from_on::date as "on",
        'opening_balance' as event,
        '' as document,
        null::decimal(38, 4) as amount,
        coalesce(sum(change) filter (not is_within), 0)::decimal(38, 4) as balance
    from events
    group by currency
),

movements as (
    select
        currency,
        1 as place,
        event_id,
        effective_on as "on",
        event,
        document,
        change::decimal(38, 4) as amount,
        (sum(change) over (partition by currency order by event_id))::decimal(38, 4) as balance
    from events
    qualify is_within
),

closings as (
    select
        currency,
        2 as place,
        null::bigint as event_id,
        $as_of::date as "on",
        'closing_balance' as event,
        '' as document,
        null::decimal(38, 4) as amount,
        sum(change)::decimal(38, 4) as balance
    from events
    group by currency
),

lines as (
    from openings
    union all
    from movements
    union all
    from closings
)

select
    "on",
    event,
    document,
    currency,
    amount,
    balance
from lines
where $currency::varchar is null or currency = $currency
order by currency, place, event_id
