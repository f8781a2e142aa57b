-- raw_records: one row a version of a record ever observed; only ever appended to.
-- Hashes do not compress: looking how they would takes a seventh of the time that landing takes.
create table if not exists raw_records (
    tenant varchar not null,
    resource varchar not null,
    bill_id varchar not null,
    version bigint not null,
    content_hash varchar not null using compression uncompressed,
    record_updated_at timestamptz,
    payload varchar not null using compression zstd,
    observed_at timestamptz not null,
    run_id bigint not null
);

-- raw_heads: one row a record: its newest version.
-- bill_key: a number made of the id, which is found in a tenth of the time that the id takes.
create table if not exists raw_heads (
    tenant varchar not null,
    resource varchar not null,
    bill_id varchar not null,
    version bigint not null,
    content_hash varchar not null using compression uncompressed,
    record_updated_at timestamptz,
    bill_key ubigint
);

-- Files of before had no such number.
alter table raw_heads add column if not exists bill_key ubigint;

update raw_heads set bill_key = md5_number_lower(bill_id)
where bill_key is null;

-- watermarks: one row a resource: the newest change landed, when a read last came to its end, and
-- whether archived records come in a list of their own (null while that is not known).
-- enumerated_to: how far a full read came that has not ended, by the records' creation.
create table if not exists watermarks (
    tenant varchar not null,
    resource varchar not null primary key,
    updated_to timestamptz,
    read_at timestamptz,
    enumerated_at timestamptz,
    probed_at timestamptz,
    lists_archived_apart boolean,
    enumerated_to timestamptz
);

-- Files of before could not go on with a full read.
alter table watermarks add column if not exists enumerated_to timestamptz;

-- refused_at: when BILL last said that it does not give this list.
alter table watermarks add column if not exists refused_at timestamptz;

-- lineage: exactly one row: whose history this file is, and of which of BILL's worlds.
create table if not exists lineage (
    tenant varchar not null,
    organization_id varchar not null,
    environment varchar
);

-- Files of before had no world.
alter table lineage add column if not exists environment varchar;

-- enumerating: what a read of all records has listed that has not ended; a record may come twice.
-- amounts: what the record itself says, in the order of etl/extract/enumeration.py.
create table if not exists enumerating (
    resource varchar not null,
    bill_id varchar not null,
    customer_id varchar,
    amounts decimal(19, 4) [],
    listed_at timestamptz not null
);

-- enumerations: one row a read of all records that came to its end; only ever appended to.
-- missing: the first of the records held that BILL did not list. sums: of what was listed, a
-- currency each; the currency is null where the customer names none.
create table if not exists enumerations (
    tenant varchar not null,
    resource varchar not null,
    run_id bigint not null,
    finished_at timestamptz not null,
    listed bigint not null,
    held bigint not null,
    not_listed bigint not null,
    missing varchar [] not null,
    sums struct(field varchar, currency varchar, amount decimal(38, 4)) [] not null
);

-- backfills: one row a list of a backfill that has not ended: how far it was read, by the field it
-- is sorted by, and whether to its end.
create table if not exists backfills (
    from_on date not null,
    to_on date not null,
    resource varchar not null,
    part varchar not null,
    reached timestamptz,
    is_done boolean not null,
    noted_at timestamptz not null,
    primary key (from_on, to_on, resource, part)
);

-- seen_fields: one row a field of a resource: in how many of the records looked at it came. Every
-- record has an id, so that row tells how many were looked at.
create table if not exists seen_fields (
    resource varchar not null,
    field varchar not null,
    times bigint not null,
    primary key (resource, field)
);

-- told_forms: one row a change of form that a run told of.
create table if not exists told_forms (
    resource varchar not null,
    kind varchar not null,
    subject varchar not null,
    told_at timestamptz not null,
    primary key (resource, kind, subject)
);

-- broken_fields: one row a field that a record lacks, as it last came, and figures need.
create table if not exists broken_fields (
    resource varchar not null,
    bill_id varchar not null,
    field varchar not null,
    seen_at timestamptz not null
);

-- raw_changes: one row a top-level field that another version of a record changed, as JSON text,
-- null where the field was or is not there; only ever appended to.
create table if not exists raw_changes (
    tenant varchar not null,
    resource varchar not null,
    bill_id varchar not null,
    version bigint not null,
    observed_at timestamptz not null,
    record_updated_at timestamptz,
    field varchar not null,
    before varchar,
    after varchar
);
