-- One row a document (invoice, payment, credit memo, customer) and currency that is not what it was
-- in the earlier snapshot for the days up to $as_of, with the events on either side that the other
-- does not have and what they do to receivables at the end of $as_of and, from $from_on, to what
-- was invoiced, taxed and collected. Equal events cancel, so the effects of all rows add up to what
-- the figures moved by.
with then_events as not materialized (
    select
        *,
        hash(
            payment_id,
            credit_memo_id,
            invoice_id,
            customer_id,
            document,
            event,
            effective_on,
            amount,
            currency,
            receivable,
            open_after,
            unapplied,
            revenue,
            tax,
            collected
        ) as trace
    from then_ledger
    where effective_on <= $as_of::date
),

now_events as not materialized (
    select
        *,
        hash(
            payment_id,
            credit_memo_id,
            invoice_id,
            customer_id,
            document,
            event,
            effective_on,
            amount,
            currency,
            receivable,
            open_after,
            unapplied,
            revenue,
            tax,
            collected
        ) as trace
    from now_ledger
    where effective_on <= $as_of::date
),

traces as (
    select trace
    from (
        select trace, 1 as sign from now_events
        union all
        select trace, -1 as sign from then_events
    )
    group by trace
    having sum(sign) <> 0
),

invoice_traces as (
    select any_value(invoice_id) as invoice_id
    from (
        select invoice_id, hash(invoice_id, invoice_on, due_on, customer_id, currency, tax_rate) as trace, 1 as sign
        from now_invoices
        union all
        select invoice_id, hash(invoice_id, invoice_on, due_on, customer_id, currency, tax_rate) as trace, -1 as sign
        from then_invoices
    )
    group by trace
    having sum(sign) <> 0
),

-- In both, but not the same: invoices that are new, or gone, are told by their events.
invoice_pairs as (
    select "then", now
    from then_invoices as "then"
    inner join now_invoices as now on now.invoice_id = "then".invoice_id
    where "then".invoice_id in (select invoice_id from invoice_traces)
),

-- An invoice's balance is in the currency of its customer of today, an event in that of its own.
moved_currencies as (
    select now.invoice_id
    from invoice_pairs
    where "then".currency <> now.currency
),

picked as (
    select *, 1 as sign
    from now_events
    semi join traces using (trace)
    union all
    select *, -1 as sign
    from then_events
    semi join traces using (trace)
    union all
    select *, 1 as sign
    from now_events
    semi join moved_currencies using (invoice_id)
    anti join traces using (trace)
    union all
    select *, -1 as sign
    from then_events
    semi join moved_currencies using (invoice_id)
    anti join traces using (trace)
),

differing as (
    select
        event.*,
        coalesce(if(event.sign > 0, now.currency, "then".currency), event.currency) as gross_currency
    from picked as event
    left join now_invoices as now on now.invoice_id = event.invoice_id
    left join then_invoices as "then" on "then".invoice_id = event.invoice_id
),

named as (
    select
        *,
        -- What aging counts: an invoice's open amount while it is positive.
        greatest(open_after, 0) - greatest(open_after - receivable, 0) as gross,
        case
            when payment_id is not null then 'payment'
            when credit_memo_id is not null then 'credit memo'
            else 'invoice'
        end as kind,
        coalesce(payment_id, credit_memo_id, invoice_id) as document_id,
        effective_on >= $from_on::date as is_within
    from differing
),

effects as (
    select
        kind,
        document_id,
        customer_id,
        currency,
        sign,
        event,
        effective_on,
        amount,
        document,
        sign * (case when gross_currency = currency then gross else 0 end + unapplied) as receivables,
        case when is_within then sign * revenue else 0 end as invoiced,
        case when is_within then sign * tax else 0 end as tax,
        case when is_within then sign * collected else 0 end as collected
    from named
    union all
    select
        kind,
        document_id,
        customer_id,
        gross_currency as currency,
        0 as sign,
        event,
        effective_on,
        amount,
        document,
        sign * gross as receivables,
        0 as invoiced,
        0 as tax,
        0 as collected
    from named
    where gross_currency <> currency and gross <> 0
),

touched_invoices as (
    select invoice_id
    from then_invoice_balances
    where
        invoice_id in (select invoice_id from invoice_traces)
        and from_on <= $as_of::date
        and to_on > $from_on::date
    union
    select invoice_id
    from now_invoice_balances
    where
        invoice_id in (select invoice_id from invoice_traces)
        and from_on <= $as_of::date
        and to_on > $from_on::date
),

changed_invoices as (
    select
        now.invoice_id,
        now.customer_id,
        now.currency,
        now.observed_at,
        list_filter(
            [
                {'field': 'invoice date', 'before': "then".invoice_on::varchar, 'after': now.invoice_on::varchar},
                {'field': 'due date', 'before': "then".due_on::varchar, 'after': now.due_on::varchar},
                {'field': 'customer', 'before': "then".customer, 'after': now.customer},
                {'field': 'tax rate', 'before': "then".tax_rate::varchar, 'after': now.tax_rate::varchar}
            ],
            lambda part: part.before is distinct from part.after
        ) as fields
    from invoice_pairs
    where
        now.invoice_id in (from touched_invoices)
        and (
            "then".invoice_on <> now.invoice_on
            or "then".due_on <> now.due_on
            or "then".customer_id is distinct from now.customer_id
            or "then".tax_rate is distinct from now.tax_rate
        )
),

changed_payments as (
    select
        now.payment_id,
        now.customer_id,
        now.currency,
        now.updated_at as observed_at,
        [{'field': 'method', 'before': "then".payment_type, 'after': now.payment_type}] as fields
    from then_payments as "then"
    inner join now_payments as now using (payment_id)
    where
        "then".payment_type <> now.payment_type
        and least("then".payment_on, now.payment_on) <= $as_of::date
        and greatest("then".payment_on, now.payment_on) >= $from_on::date
),

changed_customers as (
    select
        now.customer_id,
        now.currency,
        now.updated_at as observed_at,
        [{'field': 'currency', 'before': "then".currency, 'after': now.currency}] as fields
    from then_customers as "then"
    inner join now_customers as now using (customer_id)
    semi join then_events as event on event.customer_id = now.customer_id
    where "then".currency <> now.currency
),

changed as (
    select 'invoice' as kind, invoice_id as document_id, customer_id, currency, observed_at, fields
    from changed_invoices
    union all
    select 'payment' as kind, payment_id as document_id, customer_id, currency, observed_at, fields
    from changed_payments
    union all
    select 'customer' as kind, customer_id as document_id, customer_id, currency, observed_at, fields
    from changed_customers
),

moved as (
    select
        kind,
        document_id,
        currency,
        any_value(customer_id) as customer_id,
        any_value(document) as document,
        list(
            {'event': event, 'on': effective_on, 'amount': amount, 'document': document}
            order by effective_on, event, amount
        ) filter (sign < 0) as before,
        list(
            {'event': event, 'on': effective_on, 'amount': amount, 'document': document}
            order by effective_on, event, amount
        ) filter (sign > 0) as after,
        sum(receivables) as receivables,
        sum(invoiced) as invoiced,
        sum(tax) as tax,
        sum(collected) as collected
    from effects
    group by kind, document_id, currency
),

documents as (
    select
        kind,
        document_id,
        currency,
        coalesce(moved.customer_id, changed.customer_id) as customer_id,
        moved.document,
        moved.before,
        moved.after,
        changed.fields,
        changed.observed_at,
        moved.receivables,
        moved.invoiced,
        moved.tax,
        moved.collected
    from moved
    full outer join changed using (kind, document_id, currency)
),

then_ids as (
    select distinct coalesce(payment_id, credit_memo_id, invoice_id) as document_id
    from then_ledger
    where coalesce(payment_id, credit_memo_id, invoice_id) in (select document_id from documents)
),

now_ids as (
    select
        coalesce(payment_id, credit_memo_id, invoice_id) as document_id,
        -- What another document changed the effect of was seen before.
        max(observed_at) filter (observed_at > (select max(observed_at) from then_ledger))
            as observed_at
    from now_ledger
    where coalesce(payment_id, credit_memo_id, invoice_id) in (select document_id from documents)
    group by all
)

select
    document.kind,
    document.document_id,
    case document.kind
        when 'payment' then coalesce(nullif(payment.reference_number, ''), document.document_id)
        when 'customer' then customer.name
        when 'invoice' then coalesce(invoice.invoice_number, document.document)
        else document.document
    end as document,
    document.customer_id,
    coalesce(customer.name, document.customer_id) as customer,
    document.currency,
    then_ids.document_id is null and document.kind <> 'customer' as is_new,
    now_ids.document_id is null and document.kind <> 'customer' as is_gone,
    document.before,
    document.after,
    document.fields,
    timezone(about.time_zone, greatest(document.observed_at, now_ids.observed_at))::date
        as observed_on,
    coalesce(document.receivables, 0)::decimal(38, 4) as receivables,
    coalesce(document.invoiced, 0)::decimal(38, 4) as invoiced,
    coalesce(document.tax, 0)::decimal(38, 4) as tax,
    coalesce(document.collected, 0)::decimal(38, 4) as collected
from documents as document
cross join now_about as about
left join then_ids on then_ids.document_id = document.document_id
left join now_ids on now_ids.document_id = document.document_id
left join now_invoices as invoice
    on document.kind = 'invoice' and invoice.invoice_id = document.document_id
left join now_payments as payment
    on document.kind = 'payment' and payment.payment_id = document.document_id
left join now_customers as customer on customer.customer_id = document.customer_id
order by
    abs(document.receivables) desc nulls last,
    document.kind,
    document.document_id,
    document.currency
