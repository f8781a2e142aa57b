-- One row an invoice open at the end of a day, counted in columns by how long it has been due.
-- Bucket 0 is not yet due, each further one ends at an edge, the last is open.
insert into inputs by name
with open_items as (
    select
        balance.*,
        invoice.invoice_on,
        date_diff(
            'day',
            case when $basis = 'invoice' then invoice.invoice_on else balance.due_on end,
            $on_day::date
        ) as age
    from invoice_balances as balance
    inner join invoices as invoice using (invoice_id)
    where
        balance.from_on <= $on_day::date
        and balance.to_on > $on_day::date
        and balance.open_amount > 0
        and ($currency::varchar is null or balance.currency = $currency)
        and ($customer::varchar is null or balance.customer_id = $customer)
),

reconstructed as (
    select distinct invoice_id
    from ledger
    where basis = 'reconstructed' and effective_on <= $on_day::date
)

select
    'open invoice' as what,
    item.invoice_on as happened_on,
    item.currency,
    strftime(item.invoice_on, '%Y-%m') as month,
    $part::varchar as part,
    item.customer_id,
    item.invoice_id,
    $every::varchar[]
    || case when age > 0 then $overdue::varchar[] else $not_due::varchar[] end
    || case when age >= 91 then $old::varchar[] else [] end
    || case
        when len($buckets::varchar[]) = 0 then []
        when age <= 0 then [($buckets::varchar[])[1]]
        else [($buckets::varchar[])[2 + len(list_filter($edges::integer[], lambda edge: edge < age))]]
    end as columns,
    item.open_amount as amount,
    date_diff(
        'day',
        case when $weigh_by = 'invoice' then item.invoice_on else item.due_on end,
        $on_day::date
    ) as days,
    case when reconstructed.invoice_id is null then 'observed' else 'reconstructed' end as basis
from open_items as item
left join reconstructed using (invoice_id)
where len(columns) > 0
