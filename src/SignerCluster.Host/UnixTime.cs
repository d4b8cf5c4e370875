using System.Globalization;

namespace SignerCluster.Host;

/// <summary>Unix seconds as people read them.</summary>
internal static class UnixTime
{
    private static readonly ulong _end = (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>In UTC; the number itself where it is beyond the calendar.</summary>
    internal static string ToText(ulong seconds) => seconds <= _end
        ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)
        : $"second {seconds.ToString(CultureInfo.InvariantCulture)}";
}
