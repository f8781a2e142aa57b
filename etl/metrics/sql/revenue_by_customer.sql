-- One row a customer and currency with anything invoiced or collected in the period, without tax;
-- most invoiced first.
select
    coalesce(entry.customer_id, '') as customer_id,
    coalesce(max(customer.name), entry.customer_id, '') as customer,
    entry.currency,
    sum(entry.revenue) as invoiced,
    sum(entry.collected) as collected
from ledger as entry
left join customers as customer using (customer_id)
where
    (entry.revenue <> 0 or entry.collected <> 0)
    and entry.effective_on <= $as_of::date
    and ($from_on::date is null or entry.effective_on >= $from_on::date)
    and ($to_on::date is null or entry.effective_on <= $to_on::date)
    and ($currency::varchar is null or entry.currency = $currency)
group by entry.customer_id, entry.currency
order by invoiced desc, customer, entry.customer_id, entry.currency
