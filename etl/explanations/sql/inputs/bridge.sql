-- One row an event and flow of it between two months' receivables.
insert into inputs by name
with flows as (
    select
        *,
        -- Money of an invoice that is not in the book is nobody's tax.
        case
            when invoice_id in (select invoice_id from invoices) then collected
            else cash
        end as revenue_cash
    from ledger
),

measured as (
    select
        *,
        unnest([
            {measure: 'invoiced', amount: case when invoice_id is not null then revenue else 0 end},
            {measure: 'tax', amount: tax},
            {measure: 'credits', amount: case when invoice_id is null then revenue else 0 end},
            {measure: 'collected', amount: -revenue_cash},
            {measure: 'tax_collected', amount: revenue_cash - cash},
            {measure: 'on_account', amount: case when payment_id is not null then unapplied else 0 end}
        ]) as part_of
    from flows
),

held as (
    select
        entry.* replace (holding.currency as currency),
        {measure: 'held', amount: holding.held} as part_of
    from holdings as holding
    inner join ledger as entry using (event_id)
),

found as (
    from measured
    union all by name
    from held
)

select
    replace(event, '_', ' ') as what,
    effective_on as happened_on,
    document,
    currency,
    strftime(effective_on, '%Y-%m') as month,
    customer_id,
    invoice_id,
    payment_id,
    credit_memo_id,
    [part_of.measure] as columns,
    part_of.amount::decimal(19, 4) as amount,
    basis
from found
where
    part_of.amount <> 0
    and effective_on <= $as_of::date
    and ($first_on::date is null or effective_on >= date_trunc('month', $first_on::date))
    and ($to_on::date is null or date_trunc('month', effective_on) <= $to_on::date)
    and ($currency::varchar is null or currency = $currency)
