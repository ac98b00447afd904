"""Maps the pure functions over a folder of seeds: in this process, on all cores, or on a cluster.

* `seeds`, `packed`: the documents of a folder, one file each or many in one file
* `beside`: what `seeds.csv` and `corrections.csv` say of them
* `reading`: everything that one seed states; `batch`: the same for many, as one Arrow batch
* `cores`, `cluster`: batches over processes or machines, and what becomes of a seed that breaks one
* `cache`, `fingerprint`: what was read before and still holds
* `run`: all of this for a folder; `assemble`: batches to whole tables; `progress`: how far it is

A seed that cannot be read costs itself and a finding, never another seed. What comes out does not depend on where,
in what order or when it was read.
"""

from pipelines.engine.reading import read_seed, read_seeds
from pipelines.engine.seeds import SeedFile, SeedsError, load_seed, load_seeds, seeds_in

__all__ = ["SeedFile", "SeedsError", "load_seed", "load_seeds", "read_seed", "read_seeds", "seeds_in"]
