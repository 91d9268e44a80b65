"""For pipelines that want one file: it registers what the wheel holds. A file cannot hold the program itself."""


def register_lakeflow_source(spark) -> None:
    try:
        from sluice_spark import MicrosoftTeamsDataSource
    except ImportError as error:
        raise ImportError(
            "The connector microsoft_teams is in the wheel sluice-spark, with the program that it starts:"
            " add it to the dependencies of the pipeline."
        ) from error
    spark.dataSource.register(MicrosoftTeamsDataSource)
