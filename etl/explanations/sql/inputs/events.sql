-- One row an event and measure of it that is not 0: dated in a period, counted in that measure's
-- columns.
insert into inputs by name
with measured as (
    select
        *,
        unnest([
            {measure: 'revenue', amount: revenue},
            {measure: 'tax', amount: tax},
            {measure: 'sales', amount: revenue + tax},
            {measure: 'collected', amount: collected},
            {measure: 'unapplied', amount: unapplied},
            {measure: 'balance', amount: receivable + unapplied},
            {measure: 'amount', amount: amount}
        ]) as part_of
    from ledger
    where
        effective_on <= $last_on::date
        and ($first_on::date is null or effective_on >= $first_on::date)
        and ($currency::varchar is null or currency = $currency)
        and ($customer::varchar is null or customer_id = $customer)
        and ($events::varchar[] is null or list_contains($events::varchar[], event))
)

select
    replace(event, '_', ' ') as what,
    effective_on as happened_on,
    document,
    currency,
    strftime(effective_on, '%Y-%m') as month,
    case $part
        when 'event' then concat_ws(' · ', effective_on, event, document)
        when 'day' then effective_on::varchar
        else $part
    end as part,
    customer_id,
    invoice_id,
    payment_id,
    credit_memo_id,
    ($columns::varchar[][])[list_position($measures::varchar[], part_of.measure)] as columns,
    part_of.amount,
    basis
from measured
where
    list_contains($measures::varchar[], part_of.measure)
    and part_of.amount <> 0
