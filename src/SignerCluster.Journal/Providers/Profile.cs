namespace SignerCluster.Journal.Providers;

/// <summary>How strict a node is: <c>production</c>, which is also the default value of this type, or <c>development</c>.</summary>
public readonly record struct Profile
{
    private Profile(bool isDevelopment) => IsDevelopment = isDevelopment;

    public static Profile Production => default;

    public static Profile Development => new(isDevelopment: true);

    public bool IsDevelopment { get; }

    /// <summary>
    /// The profile of that name. Only <c>development</c>, spelled so, relaxes anything: a missing name and an unknown one are production, and
    /// <paramref name="isUnknown"/> tells that the host has something to warn of.
    /// </summary>
    public static Profile Parse(string? name, out bool isUnknown)
    {
        isUnknown = !string.IsNullOrEmpty(name) && name is not ("development" or "production");
        return name == "development" ? Development : Production;
    }

    public override string ToString() => IsDevelopment ? "development" : "production";
}
