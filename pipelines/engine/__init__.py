"""Maps the pure functions over a folder of seeds: in this process, on all cores, or on a cluster.

* `seeds`, `packed`: the documents of a folder, one file each or many in one file; `seed_file`: one of them
* `seed_metadata`: what `seeds.csv` and `corrections.csv` say of them
* `reading`: everything that one seed states; `batch`: the same for many, as one Arrow batch
* `executors`: processes or machines that read batches; `limits`, `spread`: what becomes of a seed that breaks one
* `cache`, `fingerprint`: what was read before and still holds
* `run`: all of this for a folder (`read_folder`); `assemble`: batches to whole tables; `progress`: how far it is

A seed that cannot be read costs itself and a finding, never another seed. What comes out does not depend on where,
in what order or when it was read.
"""
