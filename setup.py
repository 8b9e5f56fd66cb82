"""What the project's packages need, by plane; requirements/*.txt pin one tried choice of it."""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_namespace_packages, setup

PACKAGES = ["affectflow", "components", "pipelines", "dags", "schemas"]

# The library and its command line.
LIBRARY = [
    "ffmpeg-python>=0.2,<0.3",
    "imageio-ffmpeg>=0.5",
    "matplotlib>=3.10",
    # The first that runs with protobuf 4, without torch; from 0.10.30 on `mp.solutions` is gone.
    "mediapipe>=0.10.21,<0.10.22",
    "numpy>=1.24,<2",
    # One provider of cv2 only: mediapipe requires this one. opencv 5 has no Haar cascades.
    "opencv-contrib-python>=4.8,<5",
    "pandas>=1.5,<2",
    "pillow>=10",
    "pydantic>=2.11,<3",
    "rich>=13",
    "scikit-image>=0.22,<0.26",
    "typer>=0.12,<1",
]

# What running a release needs beside the library: `affectflow predict` without the pipelines.
PREDICT = ["tensorflow>=2.16,<2.17"]

# The data plane: TFX nodes, Beam pipelines, training. tfx itself, which declares Python < 3.11 and
# runs on 3.11, no installer takes from here: requirements/tfx.in, docs/python.md.
WORKER = [
    "apache-beam>=2.74,<2.75",
    "dill>=0.3.8",  # tfx-bsl imports it without declaring it
    "h5py>=3.10,<4",  # reads the weights that Keras 2 saved
    "keras>=3.13.2,<4",
    "librosa>=0.10.2,<0.12",  # what is heard in a clip
    "ml-metadata>=1.16,<1.17",
    "protobuf>=4.25.8,<5",
    "scikit-learn>=1.4,<2",  # the discriminant analysis of what is heard
    "setuptools>=70.1,<81",  # tensorboard imports pkg_resources, which 81 removed
    "tensorboard>=2.16,<2.17",
    *PREDICT,
    "tensorflow-data-validation>=1.16,<1.17",
    "tensorflow-metadata>=1.16.1,<1.17",
    "tensorflow-model-analysis>=0.47,<0.48",
    "tensorflow-transform>=1.16,<1.17",
    "tfx-bsl>=1.16.1,<1.17",
]

# The control plane: an environment of its own, since it does not resolve together with tfx.
# celery, postgres: the usual way to spread tasks over machines; cncf-kubernetes: a pod a node;
# fab: users and roles.
AIRFLOW = [
    "apache-airflow[celery,cncf-kubernetes,fab,postgres]>=3.3,<3.4",
    "fastapi>=0.115",  # the reports' page, which Airflow's own server mounts
]

DLIB = ["dlib-bin>=20,<21"]

DEV = [
    "hypothesis>=6.100",
    "mypy>=1.13",
    "playwright>=1.50",  # drives a Chromium that is there; downloads none
    "pytest>=8.3",
    "pytest-timeout>=2.3",
    "pytest-xdist>=3.6",
    "ruff>=0.9",
]


def version() -> str:
    """The version that affectflow/__init__.py states, read without importing it."""
    text = (Path(__file__).parent / "affectflow" / "__init__.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if match is None:
        raise ValueError('affectflow/__init__.py has no line __version__ = "..."')
    return match.group(1)


setup(
    name="affectflow",
    version=version(),
    description="From annotated face video to a gated valence-arousal release",
    license="Apache-2.0",
    python_requires=">=3.11,<3.13",
    # Namespace packages, because a folder of contracts or of DAGs has no __init__.py.
    packages=find_namespace_packages(
        include=[pattern for name in PACKAGES for pattern in (name, f"{name}.*")],
        exclude=["*.__pycache__", "*.__pycache__.*"],
    ),
    package_data={"schemas": ["*.pbtxt"], "dags": ["compiled/*.json", ".airflowignore"]},
    install_requires=LIBRARY,
    extras_require={
        "predict": PREDICT,
        "worker": WORKER,
        "airflow": AIRFLOW,
        "dlib": DLIB,
        "dev": DEV,
    },
    entry_points={
        "console_scripts": ["affectflow=pipelines.cli:main"],
        "airflow.plugins": ["affectflow=dags.plugin:AffectflowPlugin"],
    },
)
