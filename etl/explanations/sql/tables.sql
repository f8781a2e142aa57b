-- inputs: one row a document or event that enters a figure, with the columns it counts in: with its
-- amount in money, as one in counts, times days in weighted sums.
create temp table inputs (
    what varchar,
    happened_on date,
    document varchar,
    currency varchar,
    month varchar,
    part varchar,
    customer_id varchar,
    invoice_id varchar,
    payment_id varchar,
    credit_memo_id varchar,
    columns varchar[],
    amount decimal(19, 4),
    days bigint,
    basis varchar
);

-- exclusions: one row a document or event that was looked at and does not enter, and why.
create temp table exclusions (
    reason varchar,
    happened_on date,
    document varchar,
    currency varchar,
    month varchar,
    part varchar,
    customer_id varchar,
    invoice_id varchar,
    payment_id varchar,
    credit_memo_id varchar,
    amount decimal(19, 4)
);
