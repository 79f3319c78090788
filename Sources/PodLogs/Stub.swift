enum PodLogsStub {}
