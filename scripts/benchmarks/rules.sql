-- The rules of `incidents validate`, written by hand as SQL for DuckDB. Each SELECT gives one row
-- of counts, named by rule. The tables are typed, and "faults" counts a row's faulty cells: such a
-- row is judged no further. Null conditions do not count, as in a CHECK.
--
-- Left out: points in polygons, cycles, names of regions, and rules that concern only actors,
-- aliases, affiliations, totals or revisions, which are few.

SELECT
    count(*) FILTER (i.place_id IS NOT NULL AND p.place_id IS NULL) AS "foreign place_id",
    count(*) FILTER (date_start > date_end) AS "incident-dates-in-order",
    count(*) FILTER (date_start > getvariable('today')) AS "incident-not-in-future",
    count(*) FILTER (i.country <> p.country OR i.admin1 <> p.admin1) AS "incident-in-its-place",
    count(*) FILTER (
        NOT starts_with(incident_id, i.country || '-' || stamp || '-')
        OR NOT starts_with(date_start::VARCHAR, stamp)
    ) AS "incident-id-of-date",
    count(*) FILTER (
        CASE date_precision
            WHEN 'approximate' THEN date_start = date_end
            WHEN 'month' THEN day(date_start) <> 1 OR date_end <> last_day(date_end)
            WHEN 'year'
                THEN dayofyear(date_start) <> 1 OR month(date_end) <> 12 OR day(date_end) <> 31
        END
    ) AS "date-precision-fits",
    count(*) FILTER (
        CASE place_precision
            WHEN 'admin1' THEN p.kind NOT IN ('admin1', 'informal_region')
            WHEN 'country' THEN p.kind <> 'country'
            ELSE p.kind IN ('admin1', 'informal_region', 'country')
        END
    ) AS "place-precision-fits"
FROM (
    SELECT *, regexp_extract(incident_id, '\A[A-Z]{3}-([0-9]{4}(?:-[0-9]{2}){0,2})-', 1) AS stamp
    FROM incidents
    WHERE faults = 0
) AS i
LEFT JOIN places AS p ON p.place_id = i.place_id;

SELECT
    count(*) FILTER (c.incident_id IS NOT NULL AND i.incident_id IS NULL) AS "foreign incident_id",
    count(*) FILTER (c.source_id IS NOT NULL AND s.source_id IS NULL) AS "foreign source_id",
    count(*) FILTER (c.confirmation_source_id IS NOT NULL AND says_so.source_id IS NULL)
        AS "foreign confirmation_source_id",
    count(*) FILTER (c.confirmed_by IS NOT NULL AND confirmer.actor_id IS NULL)
        AS "foreign confirmed_by",
    count(*) FILTER (c.speaker_actor_id IS NOT NULL AND speaker.actor_id IS NULL)
        AS "foreign speaker_actor_id",
    count(*) FILTER (c.victim_actor_id IS NOT NULL AND victim.actor_id IS NULL)
        AS "foreign victim_actor_id",
    count(*) FILTER (c.part_of IS NOT NULL AND whole.casualty_id IS NULL) AS "foreign part_of",
    count(*) FILTER (c.superseded_by IS NOT NULL AND later.casualty_id IS NULL)
        AS "foreign superseded_by",
    count(*) FILTER (c.source_id IS NULL OR c.said_by IS NULL OR c.confirmation IS NULL)
        AS "figure-has-origin",
    count(*) FILTER (regexp_replace(c.casualty_id, '-f[0-9]+$', '') <> c.incident_id)
        AS "figure-id-of-incident",
    count(*) FILTER (c.low > c.high) AS "bounds-in-order",
    count(*) FILTER (
        NOT CASE c.qualifier
            WHEN 'exact' THEN c.low IS NOT DISTINCT FROM c.value AND c.high = c.value
            WHEN 'at_least' THEN c.low = c.value AND c.high IS NULL
            WHEN 'more_than' THEN c.low = c.value + 1 AND c.high IS NULL
            WHEN 'at_most' THEN c.low IS NULL AND c.high = c.value
            WHEN 'fewer_than' THEN c.low IS NULL AND c.high = c.value - 1
            WHEN 'about' THEN c.value IS NOT NULL AND c.low IS NULL AND c.high IS NULL
            WHEN 'range' THEN c.value IS NULL AND c.low IS NOT NULL AND c.high IS NOT NULL
            WHEN 'many' THEN c.value IS NULL AND c.low IS NULL AND c.high IS NULL
        END
    ) AS "bounds-follow-qualifier",
    count(*) FILTER ((c.confirmation = 'confirmed') <> (c.confirmed_by IS NOT NULL))
        AS "confirmed-has-confirmer",
    count(*) FILTER (
        (c.confirmation <> 'unconfirmed') <> (c.confirmation_source_id IS NOT NULL)
    ) AS "confirmation-has-source",
    count(*) FILTER (says_so.published_on < i.date_start) AS "confirmation-not-before-incident",
    count(*) FILTER (says_so.kind = 'reference') AS "confirmation-source-says-so",
    count(*) FILTER (
        CASE
            WHEN confirmer.kind = 'non_state_armed_group'
                THEN c.victims <> 'non_state_armed_group' OR c.victim_actor_id <> c.confirmed_by
            WHEN c.victims = 'non_state_armed_group'
                THEN confirmer.kind IN (
                    'state_force', 'state_body', 'foreign_force', 'militia',
                    'private_military_company'
                )
        END
    ) AS "no-confirmation-of-enemy-losses",
    count(*) FILTER (
        NOT CASE
            WHEN c.victims = 'non_state_armed_group'
                THEN confirmer.kind NOT IN ('media', 'ngo', 'civilians', 'unidentified')
            WHEN confirmer.kind IN ('state_body', 'international_body', 'non_state_armed_group')
                THEN true
            WHEN confirmer.kind = 'state_force'
                THEN c.victims IN ('state_force', 'volunteer_or_militia', 'foreign_force')
            WHEN confirmer.kind = 'militia' THEN c.victims = 'volunteer_or_militia'
            WHEN confirmer.kind IN ('foreign_force', 'private_military_company')
                THEN c.victims = 'foreign_force'
            WHEN confirmer.kind = 'ngo'
                THEN coalesce(
                    c.speaker_kind = 'medical' AND c.speaker_actor_id = c.confirmed_by, false
                )
            ELSE confirmer.kind IS NULL
        END
    ) AS "confirmer-has-standing",
    count(*) FILTER (s.published_on < i.date_start AND s.kind <> 'reference')
        AS "source-not-before-incident",
    count(*) FILTER (
        c.low > whole.high
        OR NOT CASE whole.harm
            WHEN c.harm THEN true
            WHEN 'killed_or_wounded' THEN c.harm IN ('killed', 'wounded')
            WHEN 'killed_missing_or_captured' THEN c.harm IN ('killed', 'missing', 'captured')
            WHEN 'neutralised' THEN c.harm IN ('killed', 'wounded', 'captured')
            ELSE whole.harm IS NULL
        END
    ) AS "parts-within-whole",
    count(*) FILTER (later.harm <> c.harm) AS "superseded-by-same-harm",
    count(*) FILTER (later.incident_id <> c.incident_id) AS "superseded-by-same-incident"
FROM casualties AS c
LEFT JOIN incidents AS i ON i.incident_id = c.incident_id
LEFT JOIN sources AS s ON s.source_id = c.source_id
LEFT JOIN sources AS says_so ON says_so.source_id = c.confirmation_source_id
LEFT JOIN actors AS confirmer ON confirmer.actor_id = c.confirmed_by
LEFT JOIN actors AS speaker ON speaker.actor_id = c.speaker_actor_id
LEFT JOIN actors AS victim ON victim.actor_id = c.victim_actor_id
LEFT JOIN casualties AS whole ON whole.casualty_id = c.part_of
LEFT JOIN casualties AS later ON later.casualty_id = c.superseded_by
WHERE c.faults = 0;

SELECT sum(times - 1) AS "same-figure-once"
FROM (
    SELECT count(*) AS times
    FROM casualties
    WHERE faults = 0
    GROUP BY
        incident_id, harm, victims, demographic, victim_actor_id, qualifier, value, low, high,
        said_by, relayed_by, part_of
    HAVING count(*) > 1
);

SELECT
    count(*) FILTER (s.cited_in IS NOT NULL AND other.source_id IS NULL) AS "foreign cited_in",
    count(*) FILTER (coalesce(s.url, s.archive_url, s.cited_in, s.note) IS NULL)
        AS "source-has-address",
    count(*) FILTER (greatest(s.published_on, s.accessed_on) > getvariable('today'))
        AS "source-not-in-future",
    count(*) FILTER (s.published_on > s.accessed_on) AS "source-read-after-publication",
    count(*) FILTER (NOT regexp_matches(s.url, getvariable('well_formed'))) AS "url-well-formed",
    count(*) FILTER (
        NOT regexp_matches(s.archive_url, getvariable('well_formed')) OR s.archive_url = s.url
    ) AS "archive-url-well-formed",
    count(*) FILTER (regexp_matches(s.url, getvariable('tracked'))) AS "url-without-tracking"
FROM sources AS s
LEFT JOIN sources AS other ON other.source_id = s.cited_in
WHERE s.faults = 0;

SELECT count(page) - count(DISTINCT page) AS "same-document-once"
FROM (
    SELECT
        rtrim(regexp_replace(
            CASE
                WHEN regexp_matches(url, '[?#A-Z]')
                    THEN regexp_replace(
                        lower(url), '[?&](utm_[a-z]+|[fdg]clid)=[^&#]*|#.*', '', 'g'
                    )
                ELSE url
            END,
            '\Ahttps?://(www\.)?', ''
        ), '/') AS page
    FROM sources
    WHERE faults = 0
);

SELECT
    count(*) FILTER (p.incident_id IS NOT NULL AND i.incident_id IS NULL) AS "foreign incident_id",
    count(*) FILTER (p.actor_id IS NOT NULL AND a.actor_id IS NULL) AS "foreign actor_id",
    count(*) FILTER (p.source_id IS NOT NULL AND s.source_id IS NULL) AS "foreign source_id",
    count(*) FILTER (s.published_on < i.date_start AND s.kind <> 'reference')
        AS "source-not-before-incident"
FROM participants AS p
LEFT JOIN incidents AS i ON i.incident_id = p.incident_id
LEFT JOIN actors AS a ON a.actor_id = p.actor_id
LEFT JOIN sources AS s ON s.source_id = p.source_id
WHERE p.faults = 0;

SELECT
    count(*) FILTER (t.speaker_actor_id IS NOT NULL AND a.actor_id IS NULL)
        AS "foreign speaker_actor_id",
    count(*) FILTER (t.source_id IS NOT NULL AND s.source_id IS NULL) AS "foreign source_id",
    count(*) FILTER (t.stated_on > getvariable('today')) AS "statement-not-in-future",
    count(*) FILTER (s.published_on < t.stated_on) AS "source-not-before-statement",
    count(*) FILTER (
        t.kind NOT IN ('warning', 'context', 'condemnation')
        AND t.statement_id NOT IN (SELECT statement_id FROM statement_incidents)
    ) AS "statement-points-somewhere"
FROM statements AS t
LEFT JOIN actors AS a ON a.actor_id = t.speaker_actor_id
LEFT JOIN sources AS s ON s.source_id = t.source_id
WHERE t.faults = 0;

SELECT
    count(*) FILTER (l.statement_id IS NOT NULL AND t.statement_id IS NULL)
        AS "foreign statement_id",
    count(*) FILTER (l.incident_id IS NOT NULL AND i.incident_id IS NULL) AS "foreign incident_id",
    count(*) FILTER (t.stated_on < i.date_start AND t.kind NOT IN ('warning', 'context'))
        AS "statement-not-before-incident"
FROM statement_incidents AS l
LEFT JOIN statements AS t ON t.statement_id = l.statement_id
LEFT JOIN incidents AS i ON i.incident_id = l.incident_id
WHERE l.faults = 0;

SELECT
    count(*) FILTER (l.incident_id IS NOT NULL AND i.incident_id IS NULL) AS "foreign incident_id",
    count(*) FILTER (l.other_incident_id IS NOT NULL AND other.incident_id IS NULL)
        AS "foreign other_incident_id",
    count(*) FILTER (l.source_id IS NOT NULL AND s.source_id IS NULL) AS "foreign source_id",
    count(*) FILTER (l.incident_id = l.other_incident_id) AS "incident-not-linked-to-itself",
    count(*) FILTER (s.published_on < i.date_start AND s.kind <> 'reference')
        AS "source-not-before-incident"
FROM incident_links AS l
LEFT JOIN incidents AS i ON i.incident_id = l.incident_id
LEFT JOIN incidents AS other ON other.incident_id = l.other_incident_id
LEFT JOIN sources AS s ON s.source_id = l.source_id
WHERE l.faults = 0;

SELECT
    count(*) FILTER (p.coordinate_source_id IS NOT NULL AND s.source_id IS NULL)
        AS "foreign coordinate_source_id",
    count(*) FILTER (
        (p.latitude IS NULL) <> (p.longitude IS NULL)
        OR (p.latitude IS NULL) <> (p.coordinate_precision IS NULL)
        OR (p.latitude IS NULL) <> (p.coordinate_source_id IS NULL)
    ) AS "coordinates-complete",
    count(*) FILTER (
        abs(p.latitude - round(p.latitude, 6)) > 1e-12
        OR abs(p.longitude - round(p.longitude, 6)) > 1e-12
    ) AS "coordinates-not-too-fine"
FROM places AS p
LEFT JOIN sources AS s ON s.source_id = p.coordinate_source_id
WHERE p.faults = 0;

SELECT count(*) AS "incident-has-attacker"
FROM incidents
WHERE incident_id NOT IN (SELECT incident_id FROM participants WHERE role = 'attacker');

SELECT count(*) AS "incident-has-source"
FROM incidents
WHERE incident_id NOT IN (
    SELECT incident_id FROM participants
    UNION ALL SELECT incident_id FROM casualties
    UNION ALL SELECT incident_id FROM statement_incidents
);

SELECT count(*) AS "unused-place"
FROM places
WHERE place_id NOT IN (SELECT place_id FROM incidents WHERE place_id IS NOT NULL);

SELECT count(*) AS "unused-actor"
FROM actors
WHERE actor_id NOT IN (
    SELECT actor_id FROM participants
    UNION ALL SELECT victim_actor_id FROM casualties WHERE victim_actor_id IS NOT NULL
    UNION ALL SELECT speaker_actor_id FROM casualties WHERE speaker_actor_id IS NOT NULL
    UNION ALL SELECT confirmed_by FROM casualties WHERE confirmed_by IS NOT NULL
    UNION ALL SELECT speaker_actor_id FROM statements WHERE speaker_actor_id IS NOT NULL
);

SELECT count(*) AS "unused-source"
FROM sources
WHERE source_id NOT IN (
    SELECT source_id FROM casualties WHERE source_id IS NOT NULL
    UNION ALL SELECT source_id FROM participants WHERE source_id IS NOT NULL
    UNION ALL SELECT source_id FROM statements WHERE source_id IS NOT NULL
    UNION ALL SELECT source_id FROM incident_links WHERE source_id IS NOT NULL
    UNION ALL SELECT cited_in FROM sources WHERE cited_in IS NOT NULL
    UNION ALL SELECT coordinate_source_id FROM places WHERE coordinate_source_id IS NOT NULL
    UNION ALL SELECT confirmation_source_id FROM casualties
        WHERE confirmation_source_id IS NOT NULL
);
