-- One row an invoice, with its open amount and state at the end of the day as_of; newest first. total: of how many.
with balances as (
    select invoice_id, open_amount
    from invoice_balances
    where from_on <= $as_of::date and to_on > $as_of::date
),

archives as (
    select invoice_id, arg_max(event, event_id) = 'invoice_archived' as was_archived
    from ledger
    where event in ('invoice_archived', 'invoice_restored') and effective_on <= $as_of::date
    group by invoice_id
),

states as (
    select
        invoice.*,
        coalesce(balance.open_amount, 0)::decimal(19, 4) as open_amount,
        case
            when coalesce(archive.was_archived, false) then 'archived'
            when invoice.invoice_on > $as_of::date then 'upcoming'
            when coalesce(balance.open_amount, 0) <= 0 then 'paid'
            when invoice.due_on < $as_of::date then 'overdue'
            else 'open'
        end as state
    from invoices as invoice
    left join balances as balance using (invoice_id)
    left join archives as archive using (invoice_id)
)

select
    invoice_id,
    invoice_number,
    customer_id,
    customer,
    currency,
    invoice_on,
    due_on,
    total_amount,
    open_amount,
    state,
    coalesce(bill_due_amount, 0) + bill_scheduled_amount as bill_open_amount,
    customer_email,
    tax_amount,
    payment_term,
    term_of,
    due_by_terms_on,
    days_later,
    bill_status,
    count(*) over () as total
from states
where
    -- What is dated later is shown only to who asks for it.
    (
        invoice_on <= $as_of::date
        or $state = 'upcoming'
        or $invoice::varchar is not null
        or $among::varchar[] is not null
    )
    and ($currency::varchar is null or currency = $currency)
    and ($customer::varchar is null or customer_id = $customer)
    and ($invoice::varchar is null or invoice_id = $invoice)
    and ($among::varchar[] is null or list_contains($among::varchar[], invoice_id))
    and ($state::varchar is null or state = $state)
    and ($amount_from::decimal(19, 4) is null or total_amount >= $amount_from::decimal(19, 4))
    and ($amount_to::decimal(19, 4) is null or total_amount <= $amount_to::decimal(19, 4))
    and ($from_on::date is null or invoice_on >= $from_on::date)
    and ($to_on::date is null or invoice_on <= $to_on::date)
    and ($due_from::date is null or due_on >= $due_from::date)
    and ($due_to::date is null or due_on <= $due_to::date)
    and (
        $search::varchar is null
        or contains(lower(concat_ws(' ', invoice_number, customer)), lower($search))
    )
order by invoice_on desc, invoice_number desc, invoice_id
limit $limit::bigint
