"""InVEST's Urban Cooling Model on the files of bench.climate; run by the Python that has InVEST."""

import json
import sys
from pathlib import Path

import natcap.invest.urban_cooling_model as cooling

folder = Path(sys.argv[1])
given = json.loads((folder / "given.json").read_text())
cooling.execute(
    {
        "workspace_dir": str(folder / "invest"),
        "results_suffix": "",
        "lulc_raster_path": str(folder / "land.tif"),
        "ref_eto_raster_path": str(folder / "eto.tif"),
        "aoi_vector_path": str(folder / "zones.gpkg"),
        "biophysical_table_path": str(folder / "classes.csv"),
        "green_area_cooling_distance": given["parks"],
        "t_air_average_radius": given["mixing"],
        "t_ref": given["reference"],
        "uhi_max": given["heat"],
        "do_energy_valuation": False,
        "do_productivity_valuation": False,
        "avg_rel_humidity": None,
        "cc_method": "factors",
        "cc_weight_shade": 0.6,
        "cc_weight_albedo": 0.2,
        "cc_weight_eti": 0.2,
        "n_workers": -1,
    }
)
