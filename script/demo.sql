-- what script/demo shows; runs in the top directory, and may write to demo-output/

SELECT extname AS extension, extversion AS version FROM pg_extension WHERE extname = 'fuzzyclust';
