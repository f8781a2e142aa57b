-- One row an event and flow of it between two months' receivables.
insert into inputs by name
with measured as (
    select
        flow.*,
        unnest([
            {measure: 'invoiced', amount: invoiced},
            {measure: 'tax', amount: tax},
            {measure: 'credits', amount: credits},
            {measure: 'collected', amount: collected},
            {measure: 'tax_collected', amount: tax_collected},
            {measure: 'on_account', amount: on_account},
            {measure: 'held', amount: held}
        ]) as part_of
    from bridge_flows_on($as_of::date) as flow
    where
        ($first_on::date is null or month_on >= date_trunc('month', $first_on::date))
        and ($to_on::date is null or month_on <= $to_on::date)
        and ($currency::varchar is null or currency = $currency)
)

select
    replace(entry.event, '_', ' ') as what,
    entry.effective_on as happened_on,
    entry.document,
    measured.currency,
    strftime(measured.month_on, '%Y-%m') as month,
    entry.customer_id,
    entry.invoice_id,
    entry.payment_id,
    entry.credit_memo_id,
    [part_of.measure] as columns,
    part_of.amount::decimal(19, 4) as amount,
    entry.basis
from measured
inner join ledger as entry using (event_id)
where part_of.amount <> 0
