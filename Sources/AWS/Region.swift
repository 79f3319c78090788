/// Regions and the domains of their services.
package enum Region {
    /// The region that the environment names, or that of the instance; `nil` where neither knows.
    package static func current(
        environment: [String: String], metadata: InstanceMetadata, at now: Int64
    ) throws(AWSError) -> String? {
        for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            guard let region = environment[variable], !region.isEmpty else { continue }
            guard region.isName(with: "-") else { throw .invalidVariable(variable) }
            return region
        }
        return try metadata.value(of: .region, at: now)
    }

    /// The domain of the services of a region where instance metadata does not tell: China's or everybody else's.
    package static func servicesDomain(of region: String) -> String {
        region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    }
}
