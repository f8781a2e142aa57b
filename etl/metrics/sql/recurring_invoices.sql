-- One row a recurring invoice as it was when last read, the next due first and paused ones last.
-- total: of how many.
select
    recurring_invoice_id,
    description,
    customer_id,
    customer,
    currency,
    amount,
    case period
        when 'DAILY' then if(frequency = 1, 'day', frequency || ' days')
        when 'WEEKLY' then if(frequency = 1, 'week', frequency || ' weeks')
        when 'MONTHLY' then if(frequency = 1, 'month', frequency || ' months')
        when 'YEARLY' then if(frequency = 1, 'year', frequency || ' years')
        else ''
    end as every,
    next_due_on,
    end_on,
    case
        when is_archived then 'paused'
        when next_due_on > end_on or period = 'NONE' then 'ended'
        else 'going'
    end as state,
    count(*) over () as total
from main.recurring_invoices
where
    ($currency::varchar is null or currency = $currency)
    and ($customer::varchar is null or customer_id = $customer)
order by is_archived, next_due_on nulls last, customer, recurring_invoice_id
limit $limit::bigint
