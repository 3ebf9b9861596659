; A notebook is taken apart by `src/indexer/notebook.ts`; its cells are read by the queries of their own languages.
