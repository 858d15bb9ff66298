-- demo.sql - a guided tour, for script/demo
--
-- Runs in the top directory, in an empty database with the extension, and writes
-- pictures to demo-output/.  All numbers but the times are the same on every run.

\pset footer off
\timing off

\echo
\echo '== 1. Fisher''s iris: 150 flowers, four lengths each, three species =='
\echo

CREATE TABLE iris (
	id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	sepal_length float8, sepal_width float8, petal_length float8, petal_width float8,
	species text,
	features float8[] GENERATED ALWAYS AS (ARRAY[sepal_length, sepal_width, petal_length, petal_width]) STORED
);
\copy iris (sepal_length, sepal_width, petal_length, petal_width, species) FROM 'test/data/iris.csv' (FORMAT csv, HEADER)

CREATE TABLE models (name text PRIMARY KEY, model bytea NOT NULL);

\echo 'INSERT INTO models SELECT ''iris'', fcm_fit(features, 3 ORDER BY id) FROM iris;'
\timing on
INSERT INTO models SELECT 'iris', fcm_fit(features, 3 ORDER BY id) FROM iris;
\timing off

\echo
\echo 'Its centers, in centimetres; the weight is the sum of memberships:'
SELECT cluster, center[1]::numeric(4,2) AS sepal_length, center[2]::numeric(4,2) AS sepal_width,
	center[3]::numeric(4,2) AS petal_length, center[4]::numeric(4,2) AS petal_width, weight::numeric(4,1)
FROM models, cluster_centers(model) WHERE name = 'iris' ORDER BY cluster;

\echo 'Memberships of four flowers.  Two are clear; the other two are between clusters:'
SELECT id, species, cluster_id(model, features) AS cluster, cluster_membership(model, features)::numeric(4,3)[] AS membership
FROM iris, models WHERE name = 'iris' AND id IN (1, 51, 102, 106) ORDER BY id;

\echo
\echo '== 2. Does it find the species?  It has not seen their names =='
\echo

CREATE VIEW found AS
SELECT id, species, petal_length, petal_width, s.cluster, s.membership
FROM iris, models, cluster_set(model, features, top_n => 1) AS s WHERE name = 'iris';

SELECT species, count(*) FILTER (WHERE cluster = 1) AS cluster_1, count(*) FILTER (WHERE cluster = 2) AS cluster_2,
	count(*) FILTER (WHERE cluster = 3) AS cluster_3
FROM found GROUP BY species ORDER BY species;

\echo 'Agreement with the species (accuracy, mutual information, adjusted Rand index):'
SELECT cluster_accuracy(species, cluster)::numeric(4,3) AS accuracy, cluster_nmi(species, cluster)::numeric(4,3) AS nmi,
	cluster_ari(species, cluster)::numeric(4,3) AS ari
FROM found;

\echo 'All misplaced flowers are among those whose strongest membership is below 0.8:'
SELECT CASE WHEN membership < 0.8 THEN 'below 0.8' ELSE '0.8 and more' END AS membership, count(*) AS flowers,
	(count(*) * (1 - cluster_accuracy(species, cluster)))::int AS wrong
FROM found GROUP BY 1 ORDER BY 1 DESC;

SELECT cluster_plot(petal_length, petal_width, cluster, membership, 'Fisher''s iris, fuzzy c-means with 3 clusters',
	'petal length, cm', 'petal width, cm' ORDER BY id)
FROM found
\g (format=unaligned tuples_only=on) demo-output/iris.svg

\echo
\echo '== 3. Customers: 100,000 in each of four regions =='
\echo

-- uniform and normal random numbers, made by hashing: the same everywhere
CREATE FUNCTION uniform(id bigint, stream int) RETURNS float8 IMMUTABLE PARALLEL SAFE LANGUAGE sql
AS 'SELECT ((hashint8extended(id, stream) & 4294967295) + 0.5) / 4294967296';

CREATE FUNCTION normal(id bigint, stream int) RETURNS float8 IMMUTABLE PARALLEL SAFE LANGUAGE sql
AS 'SELECT sqrt(-2 * ln(uniform(id, stream))) * cos(2 * pi() * uniform(id, -stream))';

CREATE TABLE customers (id int, region text, age int, income int, visits int, basket numeric(8,2));

\echo 'creating them ...'
-- five kinds of customers; regions differ in wealth, and in which kinds live there
INSERT INTO customers
SELECT id, region,
	greatest(18, age * (1 + 0.12 * normal(id, 1))),
	(income * wealth * exp(0.2 * normal(id, 2)))::int / 100 * 100,
	visits * exp(0.25 * normal(id, 3)),
	basket * exp(0.25 * normal(id, 4))
FROM generate_series(1, 400000) AS id
JOIN (VALUES (0, 'east', 1.0, 1.0), (1, 'north', 1.15, 0.9), (2, 'south', 0.9, 0.7), (3, 'west', 1.05, 1.4))
	AS regions (number, region, wealth, youth) ON number = id % 4
JOIN (VALUES (0, 22, 15000, 9, 14), (1, 33, 48000, 6, 32), (2, 42, 62000, 12, 78), (3, 56, 105000, 3, 120),
		(4, 70, 28000, 10, 26))
	AS kinds (kind, age, income, visits, basket) ON kind = floor(5 * uniform(id, 0) ^ youth);
ALTER TABLE customers ADD PRIMARY KEY (id);
VACUUM ANALYZE customers;

SELECT * FROM customers ORDER BY id LIMIT 3;

\echo 'Five clusters of the whole country.  zscore gives income and age the same weight:'
\echo
\echo 'INSERT INTO models SELECT ''customers'', fcm_fit(ROW(age, income, visits, basket), 5,'
\echo '    fcm_options(scale => ''zscore'') ORDER BY id) FROM customers;'
\timing on
INSERT INTO models
SELECT 'customers', fcm_fit(ROW(age, income, visits, basket), 5, fcm_options(scale => 'zscore') ORDER BY id) FROM customers;
\timing off

CREATE TABLE segments AS
SELECT cluster, CASE WHEN center[2] > 80000 THEN 'affluent' WHEN center[1] > 60 THEN 'pensioners'
		WHEN center[1] < 28 THEN 'students' WHEN center[4] > 60 THEN 'families' ELSE 'professionals' END AS segment,
	center, weight
FROM models, cluster_centers(model) WHERE name = 'customers';

\echo
SELECT cluster, segment, center[1]::int AS age, center[2]::int AS income, center[3]::int AS visits, center[4]::int AS basket,
	weight::int
FROM segments ORDER BY cluster;

\echo
\echo '== 4. A model for each region, in one GROUP BY =='
\echo
\echo 'Each starts from the model of the country, so cluster 1 means the same in all of them:'
\echo
\echo 'SELECT region, fcm_fit(ROW(age, income, visits, basket), 5,'
\echo '    (SELECT fcm_options(scale => ''zscore'', init => model) FROM models WHERE name = ''customers''))'
\echo 'FROM (SELECT * FROM customers ORDER BY region, id) AS c GROUP BY region;'
\timing on
CREATE TABLE region_models AS
SELECT region, fcm_fit(ROW(age, income, visits, basket), 5,
	(SELECT fcm_options(scale => 'zscore', init => model) FROM models WHERE name = 'customers')) AS model
FROM (SELECT * FROM customers ORDER BY region, id) AS c GROUP BY region;
\timing off

\echo
\echo 'Income and basket at the center of each segment:'
SELECT region, max(format('%s / %s', c.center[2]::int, c.center[4]::int)) FILTER (WHERE segment = 'students') AS students,
	max(format('%s / %s', c.center[2]::int, c.center[4]::int)) FILTER (WHERE segment = 'professionals') AS professionals,
	max(format('%s / %s', c.center[2]::int, c.center[4]::int)) FILTER (WHERE segment = 'families') AS families,
	max(format('%s / %s', c.center[2]::int, c.center[4]::int)) FILTER (WHERE segment = 'affluent') AS affluent,
	max(format('%s / %s', c.center[2]::int, c.center[4]::int)) FILTER (WHERE segment = 'pensioners') AS pensioners
FROM region_models, cluster_centers(model) AS c JOIN segments USING (cluster)
GROUP BY region ORDER BY region;

\echo
\echo '== 5. Segments of all 400,000 customers, each by the model of the region =='
\echo
\echo 'SELECT id, region, cluster, membership FROM customers JOIN region_models USING (region),'
\echo '    cluster_set(model, ROW(age, income, visits, basket), cutoff => 0.3);'
\timing on
CREATE TABLE customer_segments AS
SELECT id, region, cluster, membership
FROM customers JOIN region_models USING (region),
	cluster_set(model, ROW(age, income, visits, basket), cutoff => 0.3);
\timing off

\echo
\echo 'Customers by segment; a customer with 0.3 in two segments counts in both:'
SELECT region, count(*) FILTER (WHERE segment = 'students') AS students,
	count(*) FILTER (WHERE segment = 'professionals') AS professionals,
	count(*) FILTER (WHERE segment = 'families') AS families,
	count(*) FILTER (WHERE segment = 'affluent') AS affluent,
	count(*) FILTER (WHERE segment = 'pensioners') AS pensioners,
	count(*) - count(DISTINCT id) AS in_two
FROM customer_segments JOIN segments USING (cluster)
GROUP BY region ORDER BY region;

\echo 'The most frequent pairs of segments:'
SELECT x.segment AS first, y.segment AS second, count(*) AS customers
FROM customer_segments AS a JOIN customer_segments AS b ON a.id = b.id AND a.membership > b.membership
	JOIN segments AS x ON x.cluster = a.cluster JOIN segments AS y ON y.cluster = b.cluster
GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2 LIMIT 4;

-- ages are whole years, so a fraction keeps the dots apart
SELECT cluster_plot(age + uniform(id, 5), income, s.cluster, s.membership, 'Customers of the north, fuzzy c-means with 5 clusters',
	'age, years', 'income a year' ORDER BY id)
FROM customers JOIN region_models USING (region), cluster_set(model, ROW(age, income, visits, basket), top_n => 1) AS s
WHERE region = 'north'
\g (format=unaligned tuples_only=on) demo-output/customers.svg

\echo
\echo '== 6. A report: all of this on one page =='
\echo
\echo 'SELECT cluster_report(model, ''SELECT age, income, visits, basket, id, region FROM customers'', ''region'','
\echo '    ''{"title": "Customers", "key": "id"}'') FROM models WHERE name = ''customers'';'
\timing on
SELECT cluster_report(model, 'SELECT age, income, visits, basket, id, region FROM customers', 'region', '{"title": "Customers", "key": "id"}')
FROM models WHERE name = 'customers'
\g (format=unaligned tuples_only=on) demo-output/customers.html
\timing off

\echo
\echo 'Plots and the report customers.html, to be opened in a browser (as with xdg-open demo-output/customers.html):'
