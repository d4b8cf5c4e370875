using System.Security.Cryptography;

namespace SignerCluster.Links;

/// <summary>
/// How long to wait before the next attempt: twice as long each time, and anything between half of that and all of it, so that those who lost a coordinator
/// together do not come back together. A link that held for longer than the longest pause is no failure.
/// </summary>
internal sealed class Pauses(LinkLimits limits)
{
    private TimeSpan _next = limits.FirstPause;

    internal TimeSpan After(TimeSpan held)
    {
        if (held >= limits.LongestPause)
            _next = limits.FirstPause;
        TimeSpan pause = _next;
        _next = _next * 2 < limits.LongestPause ? _next * 2 : limits.LongestPause;
        return pause * (0.5 + (RandomNumberGenerator.GetInt32(1000) / 2000.0));
    }
}
