using System.Diagnostics;
using System.Text;
using SignerCluster.Chaos.Cluster;

namespace SignerCluster.Chaos.Load;

/// <summary>Puts a group under a guardian over HTTP.</summary>
internal static class GuardianOfLoad
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks until the rules hold. Throws <see cref="CannotRunException"/> when they do not after a while.</summary>
    internal static async Task ConfigureAsync(HttpClient http, string guardian, string rules, CancellationToken cancellation)
    {
        string told = "no answer";
        for (Stopwatch watch = Stopwatch.StartNew(); watch.Elapsed < _patience; await Task.Delay(_pause, cancellation))
        {
            try
            {
                using StringContent body = new(rules, Encoding.UTF8, "application/json");
                using HttpResponseMessage response = await http.PostAsync(new Uri(guardian), body, cancellation);
                told = await response.Content.ReadAsStringAsync(cancellation);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException down)
            {
                told = down.Message;
            }
        }

        throw new CannotRunException($"The group got no guardian: {told}");
    }
}
