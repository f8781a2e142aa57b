-- One row an event and measure that would count but for its date or currency.
insert into exclusions by name
with measured as (
    select
        *,
        unnest([
            {measure: 'revenue', amount: revenue},
            {measure: 'tax', amount: tax},
            {measure: 'sales', amount: revenue + tax},
            {measure: 'collected', amount: collected},
            {measure: 'tax_in_cash', amount: cash - collected},
            {measure: 'unapplied', amount: unapplied},
            {measure: 'balance', amount: receivable + unapplied},
            {measure: 'amount', amount: amount}
        ]) as part_of
    from ledger
    where
        ($customer::varchar is null or customer_id = $customer)
        and ($events::varchar[] is null or list_contains($events::varchar[], event))
        and (
            effective_on > $last_on::date
            or effective_on < $first_on::date
            or currency <> $currency::varchar
        )
)

select
    case
        when effective_on > $as_of::date then 'dated later'
        when effective_on > $last_on::date then 'dated after the period'
        when effective_on < $first_on::date then 'dated before the period'
        else 'in another currency'
    end as reason,
    effective_on as happened_on,
    document,
    currency,
    customer_id,
    invoice_id,
    payment_id,
    credit_memo_id,
    part_of.amount
from measured
where list_contains($measures::varchar[], part_of.measure) and part_of.amount <> 0
union all by name
select
    'still a draft' as reason,
    invoice_on as happened_on,
    invoice_number as document,
    currency,
    customer_id,
    invoice_id,
    null as payment_id,
    null as credit_memo_id,
    total_amount as amount
from drafts
where
    list_has_any($measures::varchar[], ['revenue', 'sales', 'balance'])
    and ($customer::varchar is null or customer_id = $customer)
union all by name
select
    'payment under way, not arrived' as reason,
    attempt.attempted_on as happened_on,
    null as document,
    attempt.currency,
    attempt.customer_id,
    null as invoice_id,
    attempt.payment_id,
    null as credit_memo_id,
    attempt.amount
from attempt_states as stretch
inner join attempts as attempt using (payment_id)
where
    stretch.state = 'pending'
    and stretch.from_on <= $as_of::date
    and stretch.to_on > $as_of::date
    and list_has_any($measures::varchar[], ['collected', 'tax_in_cash'])
    and ($customer::varchar is null or attempt.customer_id = $customer)
